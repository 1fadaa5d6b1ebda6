"""Indexes of other projects, served by a registry: each platform is pulled as what it is, with what refers to it."""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.commands import run
from tests.images import OCI_INDEX, dumps
from tests.registry.fake import FakeRegistry, fake_registry

FOLDER = Path(os.environ.get("PEER_ARCHIVES", "/nonexistent"))
HELLO = "sylabs+oci-tools__hello-world-docker-v2-manifest-list"
REPOSITORY = "regclient+regclient__testrepo"
BUILDER = "vnd.docker.reference.type"

pytestmark = [pytest.mark.peers, pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeRegistry]:
    with fake_registry() as made:
        made.add_folder(FOLDER / HELLO, "hello")
        made.add_folder(FOLDER / REPOSITORY)
        settings.REGISTRY_RULES = made.context().network
        yield made


def pull(fake: FakeRegistry, tag: str, *more: str) -> dict[str, Any]:
    code, text = run("pull", f"{fake.address}/peers:{tag}", "--json", *more)
    assert code == 0, text
    document: dict[str, Any] = json.loads(text)
    return document


def platforms(fake: FakeRegistry, tag: str) -> dict[str, str]:
    """The platforms of the index under a tag, and the image ID that its manifest names for each."""
    found = {}
    for entry in json.loads(fake.manifests[tag][0])["manifests"]:
        if BUILDER not in entry.get("annotations", {}):
            there = entry["platform"]
            name = "/".join(filter(None, (there["os"], there["architecture"], there.get("variant"))))
            found[name] = json.loads(fake.blobs[entry["digest"]])["config"]["digest"]
    return found


def uploaded() -> dict[str, dict[str, Any]]:
    """The images of both layouts, as their upload has them."""
    documents = [json.loads(run("analyze", str(FOLDER / name), "--json")[1]) for name in (HELLO, REPOSITORY)]
    return {image["image_id"]: {**image, "references": []} for each in documents for image in each["images"]}


@pytest.mark.parametrize("tag", ["hello", "b1", "v1", "v2", "v3"])
def test_each_platform_is_pulled_as_it_was_uploaded(fake: FakeRegistry, tag: str) -> None:
    there = platforms(fake, tag)
    assert len(there) >= 2
    theirs = uploaded()
    for platform, image_id in there.items():
        (image,) = pull(fake, tag, "--platform", platform)["images"]
        assert {**image, "references": []} == theirs[image_id]
    together = pull(fake, tag, "--all-platforms")["images"]
    assert {image["image_id"] for image in together} == set(there.values())
    (usual,) = pull(fake, tag)["images"]
    assert usual["image_id"] == there["linux/amd64"]


@pytest.mark.parametrize("tag", ["hello", "v3"])
def test_a_platform_that_is_not_there_gets_the_list(fake: FakeRegistry, tag: str) -> None:
    told = io.StringIO()
    with pytest.raises(SystemExit, match="2"):
        call_command("pull", f"{fake.address}/peers:{tag}", "--platform", "plan9/amd64", stderr=told)
    (line,) = told.getvalue().splitlines()
    assert "has no image for plan9/amd64" in line
    assert all(platform in line for platform in platforms(fake, tag))


def test_a_platform_is_found_in_whichever_index_of_an_index_it_is(fake: FakeRegistry) -> None:
    inner = {tag: fake.manifests[tag] for tag in ("hello", "v1")}
    entries = [
        {"mediaType": media_type, "digest": digest, "size": len(raw)}
        for raw, media_type in inner.values()
        for digest, blob in fake.blobs.items()
        if blob == raw
    ]
    middle = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries[1:]})
    nested = {"mediaType": OCI_INDEX, "digest": fake.tag("middle", middle, OCI_INDEX), "size": len(middle)}
    outer = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [nested, entries[0]]})
    fake.tag("outer", outer, OCI_INDEX)
    hello, other = platforms(fake, "hello"), platforms(fake, "v1")
    assert "linux/s390x" not in other
    (image,) = pull(fake, "outer", "--platform", "linux/s390x")["images"]
    assert image["image_id"] == hello["linux/s390x"]
    together = {image["image_id"] for image in pull(fake, "outer", "--all-platforms")["images"]}
    assert together == {*hello.values(), *other.values()}


@pytest.mark.parametrize("by_api", [True, False])
def test_what_refers_to_an_image_is_attached(fake: FakeRegistry, *, by_api: bool) -> None:
    """By the API of newer registries, or by the tags that take its place in others."""
    fake.knows_referrers = by_api
    index = next(digest for digest, raw in fake.blobs.items() if raw == fake.manifests["v2"][0])
    expected = {
        digest
        for digest, raw in fake.blobs.items()
        if raw[:1] == b"{" and (json.loads(raw).get("subject") or {}).get("digest") == index
    }
    assert expected
    document = pull(fake, "v2")
    assert {each["digest"] for each in document["attestations"] if each["subject"] == index} == expected
    assert len(document["images"]) == 1
