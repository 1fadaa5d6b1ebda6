"""Whatever a registry does at whatever step, a pull ends right or says why, and leaves no half image."""

import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from analyzer.oci.reference import parse_reference
from analyzer.registry.blobfolder import BlobFolder
from analyzer.registry.client import RegistryClient
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.oldimages import StoredBlob
from analyzer.registry.pull import OfferedLayer, Pulled, pull
from tests.archives import attestation, descriptor, dumps, image, layer, oci_layout
from tests.images import OCI_INDEX, OCI_MANIFEST
from tests.registry.fake import (
    FakeRegistry,
    corrupted,
    cut,
    dripping,
    fake_registry,
    hanging,
    longer,
    status,
    truncated,
)

APP = image([layer({"a": bytes(range(256)) * 2000}), layer({"b": b"small"}, compression="gzip")], tags=["app:1"])
ENTRY = descriptor(APP.manifest, OCI_MANIFEST, platform=APP.platform)
MEMBERS = oci_layout(APP)
SIGNED = attestation(MEMBERS, ENTRY["digest"])
INDEX = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [ENTRY, SIGNED]})
# Each step of a pull, in its order, and what its address has in it.
STEPS = {
    "token": "/token",
    "index": "/manifests/1",
    "manifest": f"/manifests/{ENTRY['digest']}",
    "attestation": f"/manifests/{SIGNED['digest']}",
    "referrers": "/referrers/",
    "config": f"/blobs/{APP.id}",
    "first blob": f"/blobs/{APP.layers[0].digest}",
    "last blob": f"/blobs/{APP.layers[1].digest}",
}
ONCE = {
    "cut": cut(0),
    "cut later": cut(100),
    "truncated": truncated,
    "corrupted": corrupted,
    "hanging": hanging,
    "500": status(500),
    "503": status(503),
    "429": status(429, Retry_After="0"),
}
ALWAYS = {
    "cut": (cut(10), {Kind.FAILED}),
    "truncated": (truncated, {Kind.MISMATCH, Kind.FAILED}),
    "corrupted": (corrupted, {Kind.MISMATCH, Kind.FAILED}),
    "hanging": (hanging, {Kind.TIMEOUT}),
    "dripping": (dripping, {Kind.TIMEOUT}),
    "500": (status(500), {Kind.FAILED}),
    "429": (status(429), {Kind.RATE_LIMITED}),
    "429 for an hour": (status(429, Retry_After="3600"), {Kind.RATE_LIMITED}),
    "403": (status(403), {Kind.UNAUTHORIZED}),
    "404": (status(404), {Kind.NOT_FOUND}),
    "418": (status(418), {Kind.FAILED}),
    "to a host inside": (status(302, Location="http://localhost:1/else"), {Kind.FORBIDDEN_HOST}),
    "to no web": (status(302, Location="ftp://example.org/"), {Kind.FAILED}),
    "elsewhere": (status(302, Location="/v2/"), {Kind.FAILED, Kind.MISMATCH, Kind.UNSUPPORTED}),
}
HURRIED: dict[str, dict[str, Any]] = {"hanging": {"timeout": 0.4}, "dripping": {"slow_seconds": 0.2}}
# A registry need not know of what refers to an image: the pull ends right without.
SPARED = {("attestation", "404"), *(("referrers", name) for name in ALWAYS)}
SPARED -= {("referrers", name) for name in ("429", "429 for an hour", "to a host inside")}
# A token server's refusal is that of a login, and a token with another letter is not let in.
REFUSED = {("token", "corrupted"), ("token", "404"), ("token", "elsewhere")}


class Nothing:
    """Nothing is held yet."""

    def config(self, digest: str) -> bytes | None:
        return None

    def held(self, layers: Sequence[OfferedLayer]) -> set[str]:
        return set()

    def stored(self, digests: Collection[str]) -> dict[str, StoredBlob]:
        return {}


@pytest.fixture
def fake() -> Iterator[FakeRegistry]:
    with fake_registry() as made:
        made.add(MEMBERS)
        made.tag("1", INDEX, OCI_INDEX)
        made.token = "the-token"
        made.knows_referrers = True
        yield made


def pulled(fake: FakeRegistry, place: Path, reference: str = "app:1", **rules: Any) -> Pulled:
    """Pulls into `place`/layout; blobs go to `place`/blobs, as each try of a team has them."""
    for name in ("layout", "blobs"):
        (place / name).mkdir(parents=True, exist_ok=True)
    wanted = parse_reference(f"{fake.address}/{reference}")
    with RegistryClient(fake.context(**{"slow_seconds": 1.0, "slow_bytes": 1000, **rules})) as client:
        return pull(client, wanted, place / "layout", BlobFolder(place / "blobs"), Nothing())


def is_whole(place: Path) -> bool:
    blobs = place / "layout" / "blobs" / "sha256"
    expected = {part.digest: part.blob for part in APP.layers} | {APP.id: APP.config}
    return (place / "layout" / "index.json").exists() and all(
        (blobs / digest[7:]).read_bytes() == data for digest, data in expected.items()
    )


@pytest.mark.parametrize("step", STEPS)
def test_what_goes_wrong_once_is_mended(fake: FakeRegistry, tmp_path: Path, step: str) -> None:
    for name, fault in ONCE.items():
        if (step, name) in REFUSED:
            continue
        place = tmp_path / name
        fake.faults[STEPS[step]] = [fault]
        pulled(fake, place, timeout=0.5 if name == "hanging" else 5.0)
        assert is_whole(place), name
        assert not fake.faults[STEPS[step]], name


@pytest.mark.parametrize("step", STEPS)
def test_what_stays_wrong_is_said_in_one_sentence(fake: FakeRegistry, tmp_path: Path, step: str) -> None:
    for name, (fault, kinds) in ALWAYS.items():
        place = tmp_path / name
        fake.always[STEPS[step]] = fault
        hurried = HURRIED.get(name, {})
        started = time.monotonic()
        if (step, name) in SPARED:
            pulled(fake, place, attempts=2, **hurried)
        else:
            with pytest.raises(RegistryError) as raised:
                pulled(fake, place, attempts=2, **hurried)
            assert raised.value.kind in ({Kind.UNAUTHORIZED, Kind.FAILED} if (step, name) in REFUSED else kinds), name
            assert re.fullmatch(r"\S[^\n]*\w\)?\.", str(raised.value)), str(raised.value)
            assert not (place / "layout" / "index.json").exists()
        assert time.monotonic() - started < 15, name
        fake.always.clear()
        pulled(fake, place)
        assert is_whole(place), name


def test_a_ping_that_goes_wrong_is_said(fake: FakeRegistry) -> None:
    for name, (fault, kinds) in ALWAYS.items():
        fake.always["/v2/"] = fault
        with RegistryClient(fake.context(attempts=1, timeout=0.4, slow_seconds=0.2, slow_bytes=1000)) as client:
            if name in ("truncated", "corrupted", "cut", "dripping"):
                with suppress(RegistryError):  # two bytes, and what they say is not looked at
                    client.ping()
                continue
            with pytest.raises(RegistryError) as raised:
                client.ping()
        assert raised.value.kind in kinds | {Kind.FAILED}, name


def test_the_next_try_goes_on_where_the_last_stopped(fake: FakeRegistry, tmp_path: Path) -> None:
    fake.faults[STEPS["first blob"]] = [cut(300_000)]
    with pytest.raises(RegistryError):
        pulled(fake, tmp_path, attempts=1)
    other = APP.layers[1].digest
    is_there = any(path.name == other[7:] for path in tmp_path.rglob("*"))  # they were fetched side by side
    fake.asked.clear()
    pulled(fake, tmp_path)
    assert is_whole(tmp_path)
    ranges = [headers.get("range") for _, path, headers in fake.asked if STEPS["first blob"] in path]
    assert ranges == ["bytes=300000-"]
    assert any(other in path for path in fake.got("blobs")) == (not is_there)


def test_a_registry_without_ranges_begins_anew(fake: FakeRegistry, tmp_path: Path) -> None:
    whole = APP.layers[0].blob

    def no_range(answer: object) -> object:
        return type(fake.answer("/v2/", {}))(body=whole)

    fake.faults[STEPS["first blob"]] = [cut(5_000), no_range]  # type: ignore[list-item]
    pulled(fake, tmp_path)
    assert is_whole(tmp_path)


def test_a_blob_longer_than_declared_is_refused(fake: FakeRegistry, tmp_path: Path) -> None:
    fake.always[STEPS["first blob"]] = longer
    with pytest.raises(RegistryError, match="more than the"):
        pulled(fake, tmp_path)


def test_a_blob_shorter_than_declared_is_refused(fake: FakeRegistry, tmp_path: Path) -> None:
    digest = APP.layers[0].digest
    fake.blobs[digest] = fake.blobs[digest][:1000]
    with pytest.raises(RegistryError, match="1,000 bytes of the"):
        pulled(fake, tmp_path)
    assert not list((tmp_path / "blobs").glob(digest[7:]))


def test_a_manifest_of_100_mb_is_refused_by_its_limit(fake: FakeRegistry, tmp_path: Path) -> None:
    fake.manifests["1"] = b" " * (100 << 20), "application/json"
    started = time.monotonic()
    with pytest.raises(RegistryError, match="MAX_JSON_BYTES") as raised:
        pulled(fake, tmp_path)
    assert raised.value.kind is Kind.TOO_LARGE
    assert time.monotonic() - started < 10


def test_a_connection_that_is_refused_is_said(fake: FakeRegistry, tmp_path: Path) -> None:
    fake.address = "127.0.0.1:1"
    with pytest.raises(RegistryError, match="refuses the connection") as raised:
        pulled(fake, tmp_path, attempts=2)
    assert raised.value.kind is Kind.UNREACHABLE


def test_a_tag_that_is_not_there_is_named(fake: FakeRegistry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="has no tag nope"):
        pulled(fake, tmp_path, "app:nope")
