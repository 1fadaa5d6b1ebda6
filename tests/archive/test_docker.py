import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.source import ArchiveError, ArchiveFormat, Platform, Presence
from tests.archive.opened import carried, opened, told, troubles
from tests.archives import (
    Hardlink,
    Image,
    Members,
    Symlink,
    containerd_save,
    content,
    docker25_save,
    docker_save,
    dumps,
    image,
    jib_save,
    kaniko_save,
    layer,
    podman_save,
    write,
)

BASE = layer({"etc/motd": b"base"})
TOP = layer({"app": b"top"})
APP = image([BASE, TOP], tags=["app:1", "registry.example.com/team/app:2"], history=["ADD base", "#ENV", "COPY app"])
OTHER = image([BASE, {"other": b"x"}], tags=["other:1"], platform="linux/arm64/v8")


def changed(members: Members, change: Any) -> Members:
    """The members with manifest.json as `change` leaves it."""
    document = json.loads(content(members, "manifest.json"))
    return {**members, "manifest.json": dumps(change(document) or document)}


@pytest.mark.parametrize("form", [docker_save, docker25_save, podman_save])
def test_every_age_of_docker_save_yields_the_same_images(tmp_path: Path, form: Any) -> None:
    contents = opened(write(tmp_path / "app.tar", form(APP, OTHER)))
    assert contents.format is ArchiveFormat.DOCKER_ARCHIVE
    assert contents.size == (tmp_path / "app.tar").stat().st_size
    assert contents.findings == []
    assert [found.image_id for found in contents.images] == [APP.id, OTHER.id]
    app, other = contents.images
    assert app.references == ["docker.io/library/app:1", "registry.example.com/team/app:2"]
    assert app.config == APP.config
    assert app.platform == Platform("linux", "amd64", None)
    assert other.platform == Platform("linux", "arm64", "v8")
    assert app.created == "2024-05-06T07:08:09.123456789Z"
    assert [step.created_by for step in app.history] == ["ADD base", "ENV", "COPY app"]
    assert [found.diff_id for found in app.layers] == [BASE.diff_id, TOP.diff_id]
    assert carried(contents) == [[each.tar for each in found.layers] for found in (APP, OTHER)]


@pytest.mark.parametrize("form", [kaniko_save, jib_save])
def test_builders_carry_their_layers_as_gzip(tmp_path: Path, form: Any) -> None:
    contents = opened(write(tmp_path / "app.tar", form(APP)))
    assert [found.image_id for found in contents.images] == [APP.id]
    assert contents.images[0].references[0] == "docker.io/library/app:1"
    assert [blob[:2] for blob in carried(contents)[0] if blob] == [b"\x1f\x8b"] * 2
    assert contents.findings == []


def test_a_layer_that_is_a_link_to_another_images_lies_where_that_one_lies(tmp_path: Path) -> None:
    members = docker_save(APP, image([BASE, TOP, {"more": b""}]))
    assert any(isinstance(member, Symlink) for member in members.values())
    contents = opened(write(tmp_path / "app.tar", members))
    first, second = contents.images
    assert [found.blob for found in first.layers] == [found.blob for found in second.layers[:2]]


def test_docker_25_tells_of_the_blobs_too_and_counts_each_image_once(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "app.tar", docker25_save(APP)))
    (found,) = contents.images
    assert [each.digest for each in found.layers] == [BASE.diff_id, TOP.diff_id]
    assert [each.size for each in found.layers] == [len(BASE.tar), len(TOP.tar)]
    assert {each.media_type for each in found.layers} == {"application/vnd.oci.image.layer.v1.tar"}
    assert found.manifest_digest is not None


def test_the_containerd_store_saves_one_platform_of_an_index_and_its_attestation(tmp_path: Path) -> None:
    members = containerd_save(APP, absent=["linux/s390x", "windows/amd64"], signed=True)
    contents = opened(write(tmp_path / "app.tar", members))
    assert contents.format is ArchiveFormat.DOCKER_ARCHIVE
    (found,) = contents.images
    assert found.image_id == APP.id
    assert found.references == ["docker.io/library/app:1", "registry.example.com/team/app:2"]
    (attestation,) = contents.attestations
    assert (attestation.subject, attestation.image_id) == (found.manifest_digest, APP.id)
    assert told(contents) == [("info", "platform-absent", None), ("info", "attestation-attached", None)]
    assert contents.findings[0].detail == (
        "The index names 2 platforms whose bytes are elsewhere: linux/s390x, windows/amd64."
    )


def test_more_platforms_than_manifest_json_names_are_images_too(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "app.tar", containerd_save(APP, OTHER)))
    assert [found.image_id for found in contents.images] == [APP.id, OTHER.id]


def test_an_image_that_is_listed_twice_is_one_with_all_its_names(tmp_path: Path) -> None:
    def twice(document: Any) -> Any:
        return [*document, {**document[0], "RepoTags": ["again:1"]}]

    contents = opened(write(tmp_path / "app.tar", changed(docker_save(APP), twice)))
    (found,) = contents.images
    assert found.references[-1] == "docker.io/library/again:1"


def test_the_same_config_over_other_layers_is_another_image(tmp_path: Path) -> None:
    forged = Image((layer({"evil": b"1"}), TOP), APP.config, ("forged:1",))
    contents = opened(write(tmp_path / "app.tar", docker25_save(APP, forged)))
    honest, other = contents.images
    assert honest.image_id == other.image_id
    assert honest.references == ["docker.io/library/app:1", "registry.example.com/team/app:2"]
    assert other.references == ["docker.io/library/forged:1"]
    assert carried(contents) == [[BASE.tar, TOP.tar], [forged.layers[0].tar, TOP.tar]]


def test_a_missing_layer_costs_the_layer(tmp_path: Path) -> None:
    members = docker25_save(APP)
    del members["blobs/sha256/" + TOP.digest[7:]]
    contents = opened(write(tmp_path / "app.tar", members))
    below, missing = contents.images[0].layers
    assert below.presence is Presence.PRESENT
    assert (missing.presence, missing.blob, missing.diff_id, missing.digest) == (
        Presence.MISSING,
        None,
        TOP.diff_id,
        TOP.digest,
    )
    assert told(contents) == [("error", "blob-missing", 1)]
    assert contents.findings[0].image_id == APP.id


def test_a_link_out_of_the_archive_is_a_missing_layer(tmp_path: Path) -> None:
    members = docker_save(APP)
    name = json.loads(content(members, "manifest.json"))[0]["Layers"][0]
    contents = opened(write(tmp_path / "app.tar", {**members, name: Symlink(target="../../../etc/passwd")}))
    assert contents.images[0].layers[0].presence is Presence.MISSING
    assert told(contents) == [("error", "blob-missing", 0), ("warning", "link-refused", None)]
    assert "leads out of the archive" in contents.findings[0].detail


def test_a_hard_link_stands_for_its_layer(tmp_path: Path) -> None:
    members = docker_save(APP)
    first, second = json.loads(content(members, "manifest.json"))[0]["Layers"]
    contents = opened(write(tmp_path / "app.tar", {**members, second: Hardlink(target=first)}))
    assert carried(contents) == [[BASE.tar, BASE.tar]]


def with_sources(members: Members, source: dict[str, Any]) -> Members:
    def change(document: Any) -> None:
        document[0]["LayerSources"] = {TOP.diff_id: {"digest": TOP.digest, "size": 7, **source}}

    return changed(members, change)


def test_a_foreign_layer_that_is_absent_is_told_as_foreign(tmp_path: Path) -> None:
    members = docker_save(APP)
    del members[json.loads(content(members, "manifest.json"))[0]["Layers"][1]]
    source = {
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "urls": ["https://example.com/x"],
    }
    contents = opened(write(tmp_path / "app.tar", with_sources(members, source)))
    assert contents.images[0].layers[1].presence is Presence.FOREIGN
    assert told(contents) == [("error", "foreign-layer", 1)]
    assert "https://example.com/x" in contents.findings[0].detail


def test_a_foreign_layer_that_is_present_is_an_ordinary_one(tmp_path: Path) -> None:
    source = {
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "urls": ["https://example.com/x"],
    }
    contents = opened(write(tmp_path / "app.tar", with_sources(docker_save(APP), source)))
    assert contents.images[0].layers[1].presence is Presence.PRESENT
    assert contents.findings == []  # LayerSources describe another form of the blob: its size is no promise


def test_more_layers_than_the_config_declares_are_shown_with_a_warning(tmp_path: Path) -> None:
    odd = Image((BASE, TOP, TOP), APP.config, ("odd:1",))
    contents = opened(write(tmp_path / "app.tar", docker25_save(odd)))
    assert [found.diff_id for found in contents.images[0].layers] == [None] * 3
    assert troubles(contents) == ["config-mismatch", "history-unaligned"]


def test_a_history_of_another_length_is_told(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "app.tar", docker_save(image([BASE, TOP], history=["one"]))))
    assert told(contents) == [("warning", "history-unaligned", None)]
    assert "tells of 1 layer, the image has 2" in contents.findings[0].detail


def test_an_absent_history_is_told_where_there_are_layers(tmp_path: Path) -> None:
    absent = image([BASE], config={"history": None})
    empty = image([], config={"history": None}, platform="linux/386")
    contents = opened(write(tmp_path / "app.tar", docker_save(absent, empty)))
    assert [(finding.code, finding.image_id) for finding in contents.findings] == [("history-unaligned", absent.id)]


def test_a_config_under_another_digest_than_its_own_is_told(tmp_path: Path) -> None:
    members = docker_save(APP)
    members[APP.id[7:] + ".json"] = OTHER.config
    contents = opened(write(tmp_path / "app.tar", members))
    assert contents.images[0].image_id == OTHER.id
    assert troubles(contents) == ["digest-mismatch"]


def test_images_without_a_name_have_no_reference(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document[0]["RepoTags"] = ["<none>:<none>"]
        document[1]["RepoTags"] = None

    contents = opened(write(tmp_path / "app.tar", changed(docker_save(APP, OTHER), change)))
    assert [found.references for found in contents.images] == [[], []]
    assert contents.findings == []


def test_a_name_that_the_grammar_refuses_is_left_out_and_told(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "app.tar", docker_save(image([BASE], tags=["App:1", "app:2"]))))
    assert contents.images[0].references == ["docker.io/library/app:2"]
    assert troubles(contents) == ["invalid-reference"]


def without_config(members: Members) -> Members:
    return {name: entry for name, entry in members.items() if name != APP.id[7:] + ".json"}


def test_of_two_images_the_one_that_can_be_read_is(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "app.tar", without_config(docker_save(APP, OTHER))))
    assert [found.image_id for found in contents.images] == [OTHER.id]
    assert ("error", "image-refused", None) in told(contents)


def test_an_archive_whose_only_image_has_no_config_yields_nothing(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"The config .*json of app:1 is not in the archive\.$"):
        opened(write(tmp_path / "app.tar", without_config(docker_save(APP))))


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({}, "manifest.json cannot be read: it is not a list of images."),
        ([], "The archive names no image: save the image again."),
        ({"config": {}, "layers": []}, "manifest.json cannot be read: it is the manifest of one image, as skopeo's"),
        ([1], "Image 1 of manifest.json cannot be read: item 0 is not an object."),
        ([{}], "The config of an image is not named."),
        ([{"Config": 7}], "Image 1 of manifest.json cannot be read: Config is not a text."),
        ([{"Config": "x", "Layers": "y"}], "Image 1 of manifest.json cannot be read: Layers is not a list."),
        ([{"Config": "../x"}], "The config ../x of an image is not in the archive."),
        ([{"Config": "manifest.json"}], "Image 1 of manifest.json cannot be read: it is not an object."),
        ([1, 2], "None of the archive's 2 images can be read. Image 1 of manifest.json cannot be read"),
    ],
)
def test_wrong_types_are_told_in_a_sentence(tmp_path: Path, document: Any, sentence: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        opened(write(tmp_path / "app.tar", {"manifest.json": dumps(document)}))
    assert str(caught.value).startswith(sentence)


def test_an_index_that_cannot_be_read_leaves_the_images_of_manifest_json(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "app.tar", {**docker25_save(APP), "index.json": b"{"}))
    assert [found.image_id for found in contents.images] == [APP.id]
    assert troubles(contents) == ["document-refused"]


def test_blobs_that_nothing_refers_to_are_counted(tmp_path: Path) -> None:
    members = docker25_save(APP)
    members["blobs/sha256/" + "0" * 64] = b"12345"
    members["left.tar"] = b"123"
    contents = opened(write(tmp_path / "app.tar", members))
    assert told(contents) == [("info", "unreferenced-blob", None)]
    assert contents.findings[0].detail == "No manifest refers to 2 blobs of the archive, with 8 bytes."


def test_the_number_of_layers_is_limited(tmp_path: Path) -> None:
    with pytest.raises(LimitReached, match="MAX_LAYERS=1"):
        opened(write(tmp_path / "app.tar", docker_save(APP)), Limits(max_layers=1))


def test_more_images_than_the_limit_are_refused_by_its_name(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "app.tar", docker_save(APP, OTHER)), Limits(max_images=1))
    assert len(contents.images) == 1
    assert [finding.detail for finding in contents.findings if finding.code == "image-refused"] == [
        "The number of images of the archive is over the limit MAX_IMAGES=1."
    ]


def test_a_flood_of_refusals_is_told_in_short(tmp_path: Path) -> None:
    members = changed(docker_save(APP), lambda document: [*document, *([1] * 100)])
    contents = opened(write(tmp_path / "app.tar", members))
    details = [finding.detail for finding in contents.findings if finding.code == "image-refused"]
    assert len(details) == 51
    assert details[-1] == "50 more findings of this kind."


def test_what_is_odd_about_an_image_is_told_of_each(tmp_path: Path) -> None:
    odd = [image([BASE], history=[], config={"author": str(number)}) for number in range(60)]
    contents = opened(write(tmp_path / "app.tar", docker_save(*odd)))
    assert [finding.image_id for finding in contents.findings] == [each.id for each in odd]
