"""The documents of other projects' archives, as far as they tell without a look into the layers."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from analyzer.archive.source import ArchiveContents, ArchiveError
from tests.archive.opened import opened, troubles

FOLDER = Path(os.environ.get("PEER_ARCHIVES", "/nonexistent"))
EXPECTED: dict[str, Any] = {}
if (FOLDER / "expected.json").exists():
    EXPECTED = json.loads((FOLDER / "expected.json").read_text())["archives"]

pytestmark = pytest.mark.peers


@pytest.fixture
def contents(name: str, tmp_path: Path) -> ArchiveContents:
    """The archive is reached by a link, so that a work folder can lie beside it."""
    link = tmp_path / name
    link.symlink_to(FOLDER / name)
    return opened(link)


READ = [name for name, expected in EXPECTED.items() if expected.get("images")]


@pytest.mark.parametrize("name", READ)
def test_exactly_the_expected_images_are_found(name: str, contents: ArchiveContents) -> None:
    expected = EXPECTED[name]["images"]
    assert sorted(image.image_id for image in contents.images) == sorted(image["image_id"] for image in expected)


@pytest.mark.parametrize("name", READ)
def test_each_image_has_its_names_platform_layers_and_history(name: str, contents: ArchiveContents) -> None:
    images = {image.image_id: image for image in contents.images}
    for expected in EXPECTED[name]["images"]:
        image = images[expected["image_id"]]
        for tag in expected["tags"]:
            assert any(reference.endswith(tag) for reference in image.references)
        if expected.get("platform"):
            assert f"{image.platform.os}/{image.platform.architecture}" == expected["platform"]
        if expected.get("history_rows"):
            assert len(image.history) == expected["history_rows"]
        assert len(image.layers) == len(expected["layers"])
        for layer, known in zip(image.layers, expected["layers"], strict=True):
            assert layer.blob is not None
            assert known.get("blob_size") in (None, layer.blob.length)


@pytest.mark.parametrize("name", READ)
def test_attestations_are_listed_with_their_subjects(name: str, contents: ArchiveContents) -> None:
    listed = [{"digest": item.digest, "subject": item.subject} for item in contents.attestations]
    assert listed == EXPECTED[name].get("attestations", [])


@pytest.mark.parametrize("name", READ)
def test_only_what_is_odd_is_reported(name: str, contents: ArchiveContents) -> None:
    assert bool(troubles(contents)) == (name == "sylabs+oci-tools__aufs-docker-v2-manifest")


@pytest.mark.parametrize("name", ["regclient+regclient__external"])
def test_what_holds_no_image_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"^The archive holds no image, only artifacts of other kinds: .*sbom\.$"):
        opened(FOLDER / name)


@pytest.mark.parametrize("name", ["moby+moby__emptyLayer.tar"])
def test_what_was_saved_before_manifest_json_is_read(name: str, contents: ArchiveContents) -> None:
    (image,) = contents.images
    # As Docker Engine 20.10 names it after `docker load`.
    assert image.image_id == "sha256:a9e31d6f186fbbe2468c9961316dba93971266d344ba960f68911df6e29b564c"
    assert image.references == ["docker.io/matthughes/library-centos:6-2015.03.20"]
    assert [layer.blob.length for layer in image.layers if layer.blob] == [512, 0, 10_240]
    assert len(image.history) == 3


def test_no_archive_of_the_folder_is_left_out() -> None:
    others = {"regclient+regclient__external", "moby+moby__emptyLayer.tar"}
    assert len(EXPECTED) > len(others)
    assert EXPECTED.keys() - others == set(READ)
