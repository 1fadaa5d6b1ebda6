"""A registry that means ill: what it says in headers, lists and redirects costs it its own answer and nothing else."""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.oci.reference import parse_reference
from analyzer.registry.answers import LONGEST, Transient, in_words_of, retry_after
from analyzer.registry.auth import parse_token
from analyzer.registry.client import RegistryClient
from analyzer.registry.context import Credentials, NetworkRules, RegistryContext
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.plan import MOST_REFERRERS, make_plan
from tests.archives import compress, descriptor, dumps, image, layer, oci_layout
from tests.images import OCI_INDEX, OCI_MANIFEST
from tests.registry.fake import Answer, FakeRegistry, dripping, fake_registry, status

APP = image([layer({"a": b"hello"})])
ALICE = Credentials("alice", "alice-secret")
MANY = "9" * 5_000


@pytest.fixture
def fake() -> Iterator[FakeRegistry]:
    with fake_registry() as made:
        made.add(oci_layout(APP), "1")
        yield made


def listing(fake: FakeRegistry, key: str, document: Any, **headers: str) -> None:
    fake.always[key] = lambda answer: Answer(200, dumps(document), headers)


def test_headers_with_nonsense_are_passed_over_or_refused_in_words(fake: FakeRegistry) -> None:
    wanted = parse_reference(f"{fake.address}/app:1")
    for name, value in [
        ("RateLimit-Limit", MANY),
        ("RateLimit-Remaining", "10;w=" + MANY),
        ("Retry-After", MANY),
        ("Content-Range", f"bytes {MANY}-"),
        ("Link", '<http://[>; rel="next"'),
        ("WWW-Authenticate", 'Bearer realm="http://["'),
        ("Docker-Content-Digest", "x" * 5_000),
        ("Content-Type", "\xff" * 100),
        ("Set-Cookie", "a=b; domain=127.0.0.1"),
    ]:
        for number in (200, 206, 401, 429):
            fake.always["/v2/"] = lambda answer, n=number, h={name: value}: Answer(n, answer.body, answer.headers | h)  # type: ignore[misc]
            with RegistryClient(fake.context(ALICE, attempts=1)) as client:
                for ask in (
                    lambda: client.resolve(wanted),
                    lambda: client.digest("app", "1"),
                    lambda: list(client.tags("app")),
                ):
                    with suppress(RegistryError):
                        ask()
                with suppress(RegistryError, Transient), client.blob("app", APP.layers[0].digest, 2) as stream:
                    list(stream.blocks)


@pytest.mark.parametrize(
    "to", ["http://[", "http://[::1", "//", "http://a:b:c/", "\x01", "http://" + "a" * 70_000, "?"]
)
def test_a_redirect_to_what_is_no_address_is_said(fake: FakeRegistry, to: str) -> None:
    fake.always["/manifests/"] = status(307, Location=to)
    with RegistryClient(fake.context(attempts=1)) as client, pytest.raises(RegistryError):
        client.manifest("app", "1")


@given(st.text(st.characters(max_codepoint=255)) | st.from_regex(r"[A-Z][a-z]{2}, \d+ Oct \d+ \d\d:\d\d:\d\d [+-]\d+"))
def test_retry_after_is_never_more_than_a_month(value: str) -> None:
    found = retry_after(value)
    assert found is None or 0 <= found <= LONGEST


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "in 1 second"),
        (90, "in 90 seconds"),
        (1_201, "in 21 minutes"),
        (7_201, "in 3 hours"),
        (LONGEST, "in 30 days"),
    ],
)
def test_when_to_try_again_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert in_words_of(seconds) == words


def test_a_token_does_not_live_for_ever() -> None:
    assert parse_token(b'{"token":"t","expires_in":1' + b"0" * 400 + b"}", 0.0, "auth").expires <= 86_400


def test_a_digest_that_is_none_is_asked_for_with_the_manifest(fake: FakeRegistry) -> None:
    fake.faults["/manifests/1"] = [lambda answer: Answer(200, b"", {"Docker-Content-Digest": "x" * 5_000})]
    with RegistryClient(fake.context()) as client:
        assert client.digest("app", "1") is None
        assert client.digest("app", "1") == client.manifest("app", "1").digest


def test_lists_without_an_end_end(fake: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.registry.client.MOST_PAGES", 20)
    pages = iter(range(10_000_000))
    fake.always["_catalog"] = lambda answer: Answer(
        200, b'{"repositories":[]}', {"Link": f'</v2/_catalog?last={next(pages)}>; rel="next"'}
    )
    with RegistryClient(fake.context()) as client:
        assert list(client.catalog()) == []
    assert next(pages) == 20


def test_names_that_none_can_have_are_left_out(fake: FakeRegistry) -> None:
    listing(fake, "/tags/list", {"tags": ["1", "../../x", "a b", "", "x" * 129, "\ud800", "<b>", "ok"]})
    listing(fake, "_catalog", {"repositories": ["team/app", "Team", "a//b", "../etc", "x" * 300, "a:1"]})
    with RegistryClient(fake.context()) as client:
        assert list(client.tags("app")) == ["1", "ok"]
        assert list(client.catalog()) == ["team/app"]


def test_the_next_page_of_a_list_is_asked_of_the_registry_alone(fake: FakeRegistry) -> None:
    with fake_registry() as other:
        for link in (f"http://{other.address}/v2/x", f"//{other.address}/v2/x", f"////{other.address}/v2/x"):
            fake.faults["/tags/list"] = [
                lambda answer, link=link: Answer(200, b'{"tags":["1"]}', {"Link": f'<{link}>; rel="next"'})  # type: ignore[misc]
            ]
            with RegistryClient(fake.context(ALICE, attempts=1)) as client, suppress(RegistryError):
                list(client.tags("app"))
        assert not other.asked


def test_a_host_that_the_registry_leads_to_is_not_logged_in_at(fake: FakeRegistry) -> None:
    """Its challenge would name a token server, which would get the password."""
    with fake_registry() as other, fake_registry() as thief:
        challenge = f'Bearer realm="http://{thief.address}/token",service="x"'
        other.always["/"] = lambda answer: Answer(401, b"", {"WWW-Authenticate": challenge})
        fake.always["/blobs/"] = status(307, Location=f"http://{other.address}/v2/app/blobs/x")
        with (
            RegistryClient(fake.context(ALICE)) as client,
            pytest.raises(RegistryError) as raised,
            client.blob("app", APP.layers[0].digest),
        ):
            pass
        assert raised.value.kind is Kind.UNAUTHORIZED
        assert not thief.asked
        assert all("authorization" not in headers for _, _, headers in other.asked)


@pytest.mark.parametrize(
    "host", ["2130706433:80", "0x7f000001:80", "0177.0.0.1", "127.1:80", "[::ffff:169.254.169.254]:80", "[::1]:80"]
)
def test_another_way_to_write_an_address_leads_to_the_same_refusal(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connects(*_: Any, **__: Any) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(socket, "create_connection", connects)
    try:
        registry = parse_reference(f"{host}/app:1").registry
    except ValueError:
        return  # no reference
    with RegistryClient(RegistryContext(registry, ALICE, NetworkRules(attempts=1))) as client:
        with pytest.raises(RegistryError) as raised:
            client.ping()
        assert raised.value.kind in (Kind.FORBIDDEN_HOST, Kind.UNKNOWN_HOST, Kind.FAILED)


@pytest.mark.parametrize(
    "text", ["alice:secret@registry.example/app", "http://registry.example/app", "a/../b", "a\n/b"]
)
def test_what_is_more_than_a_name_is_no_reference(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid image reference") as raised:
        parse_reference(text)
    assert "secret" not in str(raised.value)


def test_an_answer_that_is_packed_is_not_unpacked(fake: FakeRegistry) -> None:
    bomb = compress(b'{"tags":["' + b"a" * 5_000_000 + b'"]}', "gzip")
    fake.always["/tags/list"] = lambda answer: Answer(200, bomb, {"Content-Encoding": "gzip"})
    with RegistryClient(fake.context(attempts=1)) as client, pytest.raises(RegistryError, match="is not JSON"):
        list(client.tags("app"))


def test_documents_that_drip_are_given_up(fake: FakeRegistry) -> None:
    fake.always["/v2/"] = dripping
    started = time.monotonic()
    with RegistryClient(fake.context(slow_seconds=0.5, slow_bytes=1_000, attempts=1)) as client:
        with pytest.raises(RegistryError) as raised:
            client.manifest("app", "1")
        assert raised.value.kind is Kind.TIMEOUT
    assert time.monotonic() - started < 5


def test_what_an_index_names_again_and_again_is_asked_for_once(fake: FakeRegistry) -> None:
    entry = descriptor(APP.manifest, OCI_MANIFEST, platform=APP.platform)
    about = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": entry["digest"]}
    attached = [
        {"mediaType": OCI_MANIFEST, "digest": f"sha256:{number:064x}", "size": 3, "annotations": about}
        for number in range(MOST_REFERRERS * 2)
    ]
    entries = [entry] * 500 + attached * 2
    fake.tag("many", dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}), OCI_INDEX)
    with RegistryClient(fake.context()) as client:
        make_plan(client, parse_reference(f"{fake.address}/app:many"), None, every=True)
    asked = [path for _, path, _ in fake.asked if "/manifests/sha256:" in path]
    assert len(asked) == len(set(asked)) == 1 + MOST_REFERRERS


def test_no_log_has_a_password_or_a_token(fake: FakeRegistry, caplog: pytest.LogCaptureFixture) -> None:
    fake.token = "the-token-of-alice"
    caplog.set_level(logging.DEBUG)
    with RegistryClient(fake.context(ALICE)) as client:
        client.resolve(parse_reference(f"{fake.address}/app:1"))
        fake.always["/v2/"] = status(500)
        with pytest.raises(RegistryError) as raised:
            client.manifest("app", "2")
    assert any("/token" in path for _, path, _ in fake.asked)
    told = caplog.text + repr(raised.value) + repr(client.context) + repr(client.session.__dict__)
    for secret in ("alice-secret", "the-token-of-alice", "YWxpY2U6YWxpY2Utc2VjcmV0"):
        assert secret not in told


def test_a_document_of_very_many_values_is_refused_before_it_is_read(fake: FakeRegistry) -> None:
    fake.tag("wide", b"[" + b"{}," * 1_000_001 + b"{}]", OCI_INDEX)
    with RegistryClient(fake.context(attempts=1)) as client, pytest.raises(RegistryError, match="MAX_JSON_VALUES"):
        client.manifest("app", "wide")


def test_silent_addresses_of_a_host_are_given_up_together_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"1.1.1.{number}", 443)) for number in range(9)]
    waited: list[float] = []

    def connects(address: Any, timeout: float, *_: Any, **__: Any) -> None:
        waited.append(timeout)
        time.sleep(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", connects)
    context = RegistryContext("silent.example", None, NetworkRules(attempts=1, timeout=0.4))
    with RegistryClient(context) as client, pytest.raises(RegistryError) as raised:
        client.ping()
    assert raised.value.kind is Kind.TIMEOUT
    assert len(waited) == 4
    assert sum(waited) < 0.5
