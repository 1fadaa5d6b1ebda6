"""What a reference stands for: platforms, indexes in indexes, attestations, and what is no image."""

from collections.abc import Iterator
from typing import Any

import pytest

from analyzer.oci.config import Platform
from analyzer.oci.manifest import Manifest
from analyzer.oci.reference import parse_reference
from analyzer.registry.client import RegistryClient
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.plan import Plan, make_plan
from analyzer.registry.platforms import InvalidPlatform, matches, parse_wanted
from tests.archives import attestation, descriptor, dumps, image, layer, oci_layout
from tests.images import OCI_INDEX, OCI_MANIFEST
from tests.registry.fake import FakeRegistry, fake_registry

PLATFORMS = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6"]


@pytest.fixture
def fake() -> Iterator[FakeRegistry]:
    with fake_registry() as made:
        yield made


def variants() -> list[Any]:
    return [image([layer({"arch": platform.encode()})], platform=platform) for platform in PLATFORMS]


def index_of(fake: FakeRegistry, images: list[Any], **more: Any) -> str:
    """An index of these images under the tag 1, each with an attestation."""
    entries = []
    for each in images:
        members = oci_layout(each)
        digest = fake.add(members)
        entries.append(descriptor(each.manifest, OCI_MANIFEST, platform=each.platform))
        signed = attestation(members, digest)
        fake.add(members)
        entries.append(signed)
    raw = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries, **more})
    return fake.tag("1", raw, OCI_INDEX)


def plan(fake: FakeRegistry, platform: str = "", *, every: bool = False) -> Plan:
    with RegistryClient(fake.context()) as client:
        return make_plan(client, parse_reference(f"{fake.address}/app:1"), parse_wanted(platform), every=every)


def chosen(found: Plan) -> list[str]:
    return [each.parsed.config.digest for each in found.images if isinstance(each.parsed, Manifest)]


@pytest.mark.parametrize(
    ("asked", "index"),
    [("", 0), ("linux/amd64", 0), ("linux/x86_64", 0), ("linux/arm64/v8", 1), ("linux/arm", 2), ("linux/arm/v6", 3)],
)
def test_the_platform_that_is_asked_for_is_chosen(fake: FakeRegistry, asked: str, index: int) -> None:
    images = variants()
    root = index_of(fake, images)
    found = plan(fake, asked)
    assert found.root.digest == root
    assert chosen(found) == [images[index].id]
    assert len(found.documents) == 3  # the index, the manifest, and its attestation


def test_every_platform_can_be_asked_for(fake: FakeRegistry) -> None:
    images = variants()
    index_of(fake, images)
    assert chosen(plan(fake, every=True)) == [each.id for each in images]


def test_a_platform_that_is_not_there_gets_a_list_of_those_that_are(fake: FakeRegistry) -> None:
    index_of(fake, variants())
    with pytest.raises(RegistryError, match="linux/amd64, linux/arm/v6, linux/arm/v7, linux/arm64") as raised:
        plan(fake, "windows/amd64")
    assert raised.value.kind is Kind.NO_PLATFORM
    assert "unknown" not in str(raised.value)


def test_the_only_platform_is_taken_if_none_is_asked_for(fake: FakeRegistry) -> None:
    images = variants()[1:2]
    index_of(fake, images)
    assert chosen(plan(fake)) == [images[0].id]
    with pytest.raises(RegistryError):
        plan(fake, "linux/s390x")


def test_an_index_in_an_index_is_looked_into(fake: FakeRegistry) -> None:
    images = variants()
    index_of(fake, images)
    inner, _ = fake.manifests["1"]
    outer = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(inner, OCI_INDEX)]})
    fake.tag("1", outer, OCI_INDEX)
    assert chosen(plan(fake, "linux/arm64")) == [images[1].id]


def test_a_platform_is_sought_in_every_index_of_an_index(fake: FakeRegistry) -> None:
    images = variants()
    inner = []
    for part in (images[1:], images[:1]):
        index_of(fake, part)
        inner.append(descriptor(fake.manifests["1"][0], OCI_INDEX))
    fake.tag("1", dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": inner}), OCI_INDEX)
    assert chosen(plan(fake)) == [images[0].id]
    assert chosen(plan(fake, "linux/arm/v6")) == [images[3].id]
    assert chosen(plan(fake, every=True)) == [each.id for each in (*images[1:], images[0])]
    with pytest.raises(RegistryError, match="linux/amd64, linux/arm/v6, linux/arm/v7, linux/arm64"):
        plan(fake, "linux/s390x")


def test_an_index_that_points_to_itself_is_refused(fake: FakeRegistry) -> None:
    forged = "sha256:" + "a" * 64
    entry = {"mediaType": OCI_INDEX, "digest": forged, "size": 300}
    raw = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]})
    fake.tag("1", raw, OCI_INDEX)
    fake.blobs[forged] = raw
    with pytest.raises(RegistryError, match=r"points to itself|should be") as raised:
        plan(fake)
    assert raised.value.kind in (Kind.UNSUPPORTED, Kind.MISMATCH)


def test_a_chart_is_no_image(fake: FakeRegistry) -> None:
    config = {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "sha256:" + "b" * 64, "size": 2}
    fake.tag("1", dumps({"schemaVersion": 2, "config": config, "layers": []}), OCI_MANIFEST)
    with pytest.raises(RegistryError, match=r"artifact of the type application/vnd\.cncf\.helm"):
        plan(fake)


@pytest.mark.parametrize("text", ["linux", "linux/amd64/v1/x", "a b/c", "/", "linux/"])
def test_what_is_no_platform_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidPlatform, match="os/arch"):
        parse_wanted(text)


def test_a_variant_that_goes_without_saying_is_the_plain_one() -> None:
    assert matches(Platform("linux", "arm64", "v8"), Platform("linux", "arm64", None))
    assert matches(Platform("linux", "arm64", None), Platform("linux", "arm64", "v8"))
    assert not matches(Platform("linux", "arm", "v6"), Platform("linux", "arm", "v7"))
    assert not matches(None, Platform("linux", "amd64", None))
