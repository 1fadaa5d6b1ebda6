"""Images of Docker's old schema 1 out of a registry: the same figures as their upload, and the ID an engine gives."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from analyzer.archive.budget import Limits
from analyzer.archive.source import ArchiveError
from analyzer.models import Image, JobState
from analyzer.oci.digest import digest_of
from analyzer.oci.schema1 import config_of, parse_schema1
from tests.archive.opened import opened
from tests.archives import descriptor, dumps, image, layer, oci_layout, write
from tests.cast import Cast
from tests.images import OCI_INDEX
from tests.oldmanifests import EMPTY, SCHEMA1, payload, schema1, signed
from tests.registry.fake import FakeRegistry, fake_registry
from tests.services.test_pulls import left_over, pulled
from tests.taking import bring, document_of

BASE = layer({"sh": b"#!" * 20_000}, compression="gzip")
OWN = layer({"app": b"own"}, compression="gzip")
APP = image([BASE, OWN], history=["ADD rootfs", "#ENV a=b", "COPY app", "#CMD [app]"])
RAW = schema1(APP)
ID = digest_of(config_of(parse_schema1(json.loads(RAW), 20), [BASE.diff_id, OWN.diff_id]))


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeRegistry]:
    with fake_registry() as made:
        settings.REGISTRY_RULES = made.context().network
        yield made


def test_an_image_of_schema_1_is_pulled_and_a_second_time_only_its_manifest(fake: FakeRegistry, cast: Cast) -> None:
    digest = fake.tag_old("1", RAW, BASE, OWN)
    job = pulled(fake, cast, "1")
    assert (job.state, job.error, job.digest) == (JobState.DONE, "", digest)
    assert job.archive is not None
    document = document_of(job.archive)
    (found,) = document["images"]
    assert found["image_id"] == ID
    assert [each["diff_id"] for each in found["layers"]] == [BASE.diff_id, OWN.diff_id]
    assert [each["blob_size"] for each in found["layers"]] == [len(BASE.blob), len(OWN.blob)]
    assert [step["layer"] for step in found["history"]] == [0, None, 1, None]
    assert {each["code"]: each["severity"] for each in document["findings"]} == {"schema-1-converted": "info"}
    assert job.archive.archive_images.get().manifest_digest == digest
    assert (job.fetched, job.fetch_total) == (len(BASE.blob) + len(OWN.blob),) * 2
    assert left_over() == []
    fake.asked.clear()
    again = pulled(fake, cast, "1")
    assert again.saved == job.fetched
    assert fake.got("blobs") == []
    assert again.archive is not None
    (same,) = document_of(again.archive)["images"]
    assert same == found


def test_layers_that_came_with_other_images_are_not_fetched(fake: FakeRegistry, cast: Cast, tmp_path: Any) -> None:
    bring(tmp_path, oci_layout(image([BASE])), cast.team)
    fake.tag_old("1", RAW, BASE, OWN)
    job = pulled(fake, cast, "1")
    assert (job.state, job.saved) == (JobState.DONE, len(BASE.blob))
    assert [path.rpartition("/")[2] for path in fake.got("blobs")] == [OWN.digest]
    assert Image.objects.filter(image_id=ID).exists()


def test_one_platform_of_an_index_may_be_of_schema_1(fake: FakeRegistry, cast: Cast) -> None:
    arm = image([BASE], platform="linux/arm64")
    fake.add(oci_layout(arm))
    fake.tag_old("old", RAW, BASE, OWN)
    old = descriptor(RAW, SCHEMA1, platform={"os": "linux", "architecture": "amd64"})
    new = descriptor(arm.manifest, "application/vnd.oci.image.manifest.v1+json", platform=arm.platform)
    fake.tag("1", dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [old, new]}), OCI_INDEX)
    job = pulled(fake, cast, "1", platform="all")
    assert (job.state, job.error) == (JobState.DONE, "")
    assert {each.image_id for each in Image.objects.all()} == {ID, arm.id}


def test_what_says_ill_of_itself_is_refused_in_words(fake: FakeRegistry, cast: Cast, settings: Settings) -> None:
    """No half image comes of it, and what does not end ends by a limit."""
    settings.LIMITS = Limits(max_layers=50, max_history_steps=200, max_json_values=20_000)
    broken = BASE.blob[:-9] + b"nonsense!"
    fake.blobs[digest_of(broken)] = broken
    uneven = json.loads(RAW)
    uneven["history"] = uneven["history"][1:]
    steps: list[tuple[str, Any]] = [(BASE.digest, {"id": f"{number:x}"}) for number in range(60)]
    empty: list[tuple[str, Any]] = [(EMPTY, {"id": f"{number:x}", "throwaway": True}) for number in range(250)]
    cases = {
        "uneven": (dumps(uneven), "it has 4 fsLayers and 3 steps of history"),
        "no-json": (payload([(BASE.digest, "{nonsense")]), "it is not JSON"),
        "layers": (payload(steps), "MAX_LAYERS=50"),
        "steps": (payload(empty), "MAX_HISTORY_STEPS=200"),
        "thousands": (payload(steps * 200), "MAX_JSON_VALUES=20000"),
        "damaged": (
            payload([(digest_of(broken), {"id": "a"})]),
            f"The blob {digest_of(broken)} of an image of schema 1",
        ),
        "absent": (payload([("sha256:" + "a" * 64, {"id": "a"})]), "has no"),
        "arm": (payload([(BASE.digest, {"os": "linux", "architecture": "arm64"})]), "no image for linux/amd64"),
    }
    for tag, (raw, sentence) in cases.items():
        fake.tag_old(tag, raw, BASE)
        job = pulled(fake, cast, tag, platform="linux/amd64" if tag == "arm" else None)
        assert job.state == JobState.FAILED, tag
        assert sentence in job.error, (tag, job.error)
    fake.digests[signed(RAW)] = "sha256:" + "b" * 64
    fake.manifests["forged"] = signed(RAW), SCHEMA1
    assert "they changed on the way" in pulled(fake, cast, "forged").error
    settings.LIMITS = Limits(max_archive_bytes=len(BASE.blob) + len(OWN.blob) - 1)
    fake.tag_old("large", RAW, BASE, OWN)
    assert "/app:large is over the limit MAX_ARCHIVE_BYTES=" in pulled(fake, cast, "large").error
    assert not Image.objects.exists()


def test_the_payload_of_a_signature_counts_and_not_what_stands_around_it(fake: FakeRegistry, cast: Cast) -> None:
    """What was signed is a word of no meaning; the document around it looks like an image."""
    raw = signed(RAW, formatLength=0, formatTail="e30")
    fake.manifests["1"] = raw, SCHEMA1
    fake.digests[raw] = digest_of(b"{}")
    job = pulled(fake, cast, "1")
    assert job.state == JobState.FAILED
    assert "is no image" in job.error


def test_an_upload_may_not_say_what_a_manifest_of_schema_1_is(cast: Cast, tmp_path: Any) -> None:
    """Only a pull has read the blobs that its config is made of."""
    members = oci_layout(APP)
    members[f"blobs/sha256/{digest_of(RAW).removeprefix('sha256:')}"] = RAW
    (entry,) = json.loads(bytes(members["index.json"]))["manifests"]  # type: ignore[arg-type]
    told = {f"layersite.schema1.{digest_of(RAW)}": entry["digest"]}
    index = {"schemaVersion": 2, "manifests": [descriptor(RAW, SCHEMA1)], "annotations": told}
    members["index.json"] = dumps(index)
    with pytest.raises(ArchiveError, match="pull the image anew"):
        opened(write(tmp_path / "app.tar", members))
