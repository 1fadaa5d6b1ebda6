"""Whatever a registry does at whatever step, a pull ends right or says why, and leaves no half image."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from analyzer.oci.reference import parse_reference
from analyzer.registry.blobfolder import BlobFolder
from analyzer.registry.client import RegistryClient
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.pull import OfferedLayer, Pulled, pull
from tests.archives import image, layer, oci_layout
from tests.registry.fake import (
    FakeRegistry,
    Fault,
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
STEPS = {"manifest": "/manifests/1", "config": f"/blobs/{APP.id}", "blob": f"/blobs/{APP.layers[0].digest}"}


class Nothing:
    """Nothing is held yet."""

    def config(self, digest: str) -> bytes | None:
        return None

    def held(self, layers: Sequence[OfferedLayer]) -> set[str]:
        return set()


@pytest.fixture
def fake() -> Iterator[FakeRegistry]:
    with fake_registry() as made:
        made.add(oci_layout(APP), "1")
        yield made


def pulled(fake: FakeRegistry, place: Path, reference: str = "app:1", **rules: Any) -> Pulled:
    """Pulls into `place`/layout; blobs go to `place`/blobs, as each try of a team has them."""
    for name in ("layout", "blobs"):
        (place / name).mkdir(exist_ok=True)
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
@pytest.mark.parametrize(
    "fault",
    [cut(0), cut(100), truncated, corrupted, hanging, status(500), status(503), status(429, Retry_After="0")],
    ids=["cut", "cut later", "truncated", "corrupted", "hanging", "500", "503", "429"],
)
def test_what_goes_wrong_once_is_mended(fake: FakeRegistry, tmp_path: Path, step: str, fault: Fault) -> None:
    fake.faults[STEPS[step]] = [fault]
    pulled(fake, tmp_path)
    assert is_whole(tmp_path)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        (cut(10), {Kind.FAILED}),
        (truncated, {Kind.MISMATCH, Kind.FAILED}),
        (corrupted, {Kind.MISMATCH, Kind.FAILED}),
        (hanging, {Kind.TIMEOUT}),
        (status(500), {Kind.FAILED}),
        (status(429), {Kind.RATE_LIMITED}),
        (status(429, Retry_After="3600"), {Kind.RATE_LIMITED}),
        (status(403), {Kind.UNAUTHORIZED}),
        (status(404), {Kind.NOT_FOUND}),
        (status(302, Location="http://localhost:1/else"), {Kind.FORBIDDEN_HOST}),
        (status(302, Location="ftp://example.org/"), {Kind.FAILED}),
        (status(302, Location="/v2/"), {Kind.FAILED, Kind.MISMATCH, Kind.UNSUPPORTED}),
    ],
)
def test_what_stays_wrong_is_said_in_one_sentence(
    fake: FakeRegistry, tmp_path: Path, step: str, fault: Fault, kinds: set[Kind]
) -> None:
    fake.always[STEPS[step]] = fault
    started = time.monotonic()
    with pytest.raises(RegistryError) as raised:
        pulled(fake, tmp_path, attempts=2)
    assert raised.value.kind in kinds
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "layout" / "index.json").exists()
    assert time.monotonic() - started < 20
    fake.always.clear()
    pulled(fake, tmp_path)
    assert is_whole(tmp_path)


def test_a_blob_that_comes_a_byte_at_a_time_is_given_up(fake: FakeRegistry, tmp_path: Path) -> None:
    fake.always[STEPS["blob"]] = dripping
    with pytest.raises(RegistryError) as raised:
        pulled(fake, tmp_path, attempts=1)
    assert raised.value.kind is Kind.TIMEOUT


def test_the_next_try_goes_on_where_the_last_stopped(fake: FakeRegistry, tmp_path: Path) -> None:
    fake.faults[STEPS["blob"]] = [cut(300_000)]
    with pytest.raises(RegistryError):
        pulled(fake, tmp_path, attempts=1)
    other = APP.layers[1].digest
    is_there = any(path.name == other[7:] for path in tmp_path.rglob("*"))  # they were fetched side by side
    fake.asked.clear()
    pulled(fake, tmp_path)
    assert is_whole(tmp_path)
    ranges = [headers.get("range") for _, path, headers in fake.asked if STEPS["blob"] in path]
    assert ranges == ["bytes=300000-"]
    assert any(other in path for path in fake.got("blobs")) == (not is_there)


def test_a_registry_without_ranges_begins_anew(fake: FakeRegistry, tmp_path: Path) -> None:
    whole = APP.layers[0].blob

    def no_range(answer: object) -> object:
        return type(fake.answer("/v2/", {}))(body=whole)

    fake.faults[STEPS["blob"]] = [cut(5_000), no_range]  # type: ignore[list-item]
    pulled(fake, tmp_path)
    assert is_whole(tmp_path)


def test_a_blob_longer_than_declared_is_refused(fake: FakeRegistry, tmp_path: Path) -> None:
    fake.always[STEPS["blob"]] = longer
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
