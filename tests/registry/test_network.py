"""Which addresses are connected to: what was checked, and nothing that a name says later (SSRF)."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from analyzer.oci.reference import parse_reference
from analyzer.registry import network
from analyzer.registry.client import RegistryClient
from analyzer.registry.context import Credentials, NetworkRules, RegistryContext
from analyzer.registry.errors import Kind, RegistryError
from tests.archives import image, layer, oci_layout
from tests.registry.fake import Answer, FakeRegistry, fake_registry, status

APP = image([layer({"a": b"hello"})])
ALICE = Credentials("alice", "alice-secret")


@pytest.fixture
def fake() -> Iterator[FakeRegistry]:
    with fake_registry() as made:
        made.add(oci_layout(APP), "1")
        yield made


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not network.is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are(address: str) -> None:
    assert network.is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "0x7f.1", "2130706433"])
def test_a_registry_on_this_machine_is_refused_by_the_name_of_the_setting(host: str) -> None:
    with RegistryClient(RegistryContext(f"{host}:5000")) as client, pytest.raises(RegistryError) as raised:
        client.ping()
    assert raised.value.kind in (Kind.FORBIDDEN_HOST, Kind.UNKNOWN_HOST)
    assert raised.value.kind is Kind.UNKNOWN_HOST or "REGISTRY_PRIVATE_HOSTS" in str(raised.value)


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1"])
    connected: list[str] = []

    def resolves(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connects(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        connected.append(address[0])
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", resolves)
    monkeypatch.setattr(socket, "create_connection", connects)
    rules = NetworkRules(attempts=1)
    with RegistryClient(RegistryContext("rebinds.example", network=rules)) as client, pytest.raises(RegistryError):
        client.ping()
    assert connected == ["93.184.216.34"]


def test_of_several_addresses_only_the_public_ones_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("10.0.0.1", "1.1.1.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert network.checked(NetworkRules(), "mixed.example", 443) == ["1.1.1.1"]
    assert (
        network.checked(NetworkRules(private_hosts=frozenset({"mixed.example"})), "mixed.example", 443)[0] == "10.0.0.1"
    )


def test_a_host_is_meant_with_its_port_or_with_every_port() -> None:
    rules = NetworkRules(plain_http_hosts=frozenset({"a.example", "b.example:5000"}))
    assert rules.plain("A.example:80")
    assert rules.plain("b.example:5000")
    assert not rules.plain("b.example:5001")
    assert not rules.plain("xa.example")


def test_plain_http_is_spoken_only_where_a_setting_names_the_host(fake: FakeRegistry) -> None:
    context = fake.context(plain_http_hosts=frozenset(), attempts=1)
    assert context.address.startswith("https://")
    with RegistryClient(context) as client, pytest.raises(RegistryError, match="REGISTRY_PLAIN_HTTP_HOSTS"):
        client.ping()


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest/", "https://10.0.0.1/", "http://localhost/"])
def test_a_redirect_into_a_private_network_is_not_followed(fake: FakeRegistry, to: str) -> None:
    fake.always["/blobs/"] = status(307, Location=to)
    with (
        RegistryClient(fake.context(ALICE)) as client,
        pytest.raises(RegistryError) as raised,
        client.blob("app", APP.layers[0].digest),
    ):
        pass
    assert raised.value.kind is Kind.FORBIDDEN_HOST


def test_a_redirect_to_another_host_goes_without_credentials(fake: FakeRegistry) -> None:
    fake.token = "the-token"
    with fake_registry() as other:
        other.add(oci_layout(APP))
        digest = APP.layers[0].digest
        fake.always["/blobs/"] = lambda answer: (
            Answer(307, b"", {"Location": f"http://{other.address}/v2/app/blobs/{digest}"})
            if answer.status == 200
            else answer
        )
        with RegistryClient(fake.context(ALICE)) as client, client.blob("app", digest) as stream:
            assert b"".join(stream.blocks) == APP.layers[0].blob
        assert [headers.get("authorization") for _, _, headers in other.asked] == [None]
    assert any(headers.get("authorization") == "Bearer the-token" for _, _, headers in fake.asked)


def test_a_token_server_in_a_private_network_is_not_asked(fake: FakeRegistry) -> None:
    challenge = {"WWW-Authenticate": 'Bearer realm="http://169.254.169.254/token",service="x"'}
    fake.always["/manifests/"] = lambda answer: Answer(401, b"", challenge)
    with RegistryClient(fake.context(ALICE)) as client, pytest.raises(RegistryError) as raised:
        client.resolve(parse_reference(f"{fake.address}/app:1"))
    assert raised.value.kind is Kind.FORBIDDEN_HOST


def test_a_token_is_asked_for_once_and_used_again(fake: FakeRegistry) -> None:
    fake.token = "the-token"
    with RegistryClient(fake.context(ALICE)) as client:
        client.manifest("app", "1")
        client.manifest("app", "1")
    asked = [(path, headers.get("authorization", "")) for _, path, headers in fake.asked if path.startswith("/token")]
    assert len(asked) == 1
    assert "scope=repository%3Aapp%3Apull" in asked[0][0]
    assert "account=alice" in asked[0][0]
    assert asked[0][1].startswith("Basic ")


def test_wrong_credentials_are_said_without_showing_them(fake: FakeRegistry) -> None:
    fake.token = "the-token"
    fake.always["/token"] = status(401)
    with RegistryClient(fake.context(ALICE)) as client, pytest.raises(RegistryError) as raised:
        client.manifest("app", "1")
    assert raised.value.kind is Kind.UNAUTHORIZED
    assert "alice-secret" not in str(raised.value) + repr(fake.context(ALICE))


def test_an_unknown_host_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with RegistryClient(RegistryContext("nowhere.invalid")) as client, pytest.raises(RegistryError) as raised:
        client.ping()
    assert raised.value.kind is Kind.UNKNOWN_HOST


def test_everything_goes_through_the_proxy_that_a_setting_names(fake: FakeRegistry) -> None:
    rules: dict[str, Any] = {"proxy": f"http://{fake.address}", "attempts": 1}
    with RegistryClient(RegistryContext("127.0.0.1:1", None, fake.context(**rules).network)) as client:
        client.manifest("app", "1")
    assert fake.asked[-1][1] == "http://127.0.0.1:1/v2/app/manifests/1"
