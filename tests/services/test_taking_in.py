"""What an archive becomes: layers once, images by team, references that move."""

from pathlib import Path

import pytest

from analyzer.models import ArchiveImage, Blob, Chain, Content, Holding, Image, Layer, Reference
from analyzer.oci.annotations import BASE_DIGEST, BASE_NAME
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID, digest_of
from tests import archives
from tests.archives import Layer as BuiltLayer
from tests.archives import Whiteout, docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.taking import bring, codes, document_of, stored

BASE = layer({"etc/motd": b"hello", "bin/tool": b"#!" * 50})
APP = layer({"srv/app": b"code", "etc/motd": b"hi"})


def test_an_archive_becomes_an_image_of_its_team(cast: Cast, tmp_path: Path) -> None:
    built = image([BASE, APP], tags=["shop:1"])
    archive = bring(tmp_path, docker_save(built), cast.team)
    stored_image = Image.objects.get(image_id=built.id)
    assert archive.whole
    assert stored_image.size == 111
    assert list(stored_image.teams.all()) == [cast.team]
    reference = Reference.objects.get(team=cast.team)
    assert str(reference) == "docker.io/library/shop:1"
    assert reference.image == stored_image


def test_what_an_archive_says_of_the_base_is_kept_with_the_manifest(cast: Cast, tmp_path: Path) -> None:
    said = {BASE_NAME: "docker.io/library/base:1", BASE_DIGEST: digest_of(b"the base")}
    annotated = image([BASE, APP], tags=["shop:1"], annotations=said)
    labelled = image([BASE], tags=["plain:1"], config={"config": {"Labels": {BASE_NAME: "scratch"}}})
    bring(tmp_path, oci_layout(annotated), cast.team)
    bring(tmp_path, docker_save(labelled), cast.team)
    rows = ArchiveImage.objects.order_by("pk").values_list("manifest_digest", "base_name", "base_digest")
    assert list(rows) == [
        (digest_of(annotated.manifest), said[BASE_NAME], said[BASE_DIGEST]),
        ("", "scratch", ""),
    ]


def test_the_document_has_the_figures_of_every_layer(cast: Cast, tmp_path: Path) -> None:
    document = document_of(bring(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team))
    one = document["images"][0]
    assert [item["size"] for item in one["layers"]] == [105, 6]
    assert [(item["added"], item["modified"], item["removed"]) for item in one["layers"]] == [(2, 0, 0), (1, 1, 0)]
    assert one["layers"][0]["blob_digest"] == BASE.diff_id == one["layers"][0]["chain_id"]
    assert one["merged"] == {"entries": 3, "size": 106}
    assert one["waste"]["by_cause"]["superseded"] == one["waste"]["bytes"] == 5
    assert one["waste"]["own_bytes"] == 5
    assert one["history"][1]["layer"] == 1
    assert one["history"][1]["size"] == 6
    assert [item for item in document["findings"] if item["severity"] != "info"] == []


def test_a_layer_that_two_images_share_is_stored_once(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, docker_save(image([BASE, APP])), cast.team)
    bring(tmp_path, docker_save(image([BASE])), cast.team)
    assert Layer.objects.count() == 2
    assert Chain.objects.count() == 2
    assert Content.objects.count() == 4


def test_the_base_counts_as_inherited_waste_once_it_is_known(cast: Cast, tmp_path: Path) -> None:
    top = layer({"new": b"1"})
    whole = bring(tmp_path, docker_save(image([BASE, APP, top])), cast.team)
    assert document_of(whole)["images"][0]["waste"]["own_bytes"] == 5
    bring(tmp_path, docker_save(image([BASE, APP])), cast.team)
    waste = document_of(whole)["images"][0]["waste"]
    assert (waste["own_bytes"], waste["inherited_bytes"]) == (0, 5)


def test_one_layer_may_be_carried_by_several_blobs(cast: Cast, tmp_path: Path) -> None:
    for compression in ("none", "gzip", "zstd"):
        carried = BuiltLayer(BASE.tar, compression)
        archive = bring(tmp_path, oci_layout(image([carried], tags=["shop:1"])), cast.team)
        found = document_of(archive)["images"][0]["layers"][0]
        assert found["compression"] == compression
        assert found["blob_size"] == len(carried.blob)
        assert found["tar_size"] == len(BASE.tar)
    assert Layer.objects.count() == 1
    assert sorted(Blob.objects.values_list("compression", flat=True)) == ["gzip", "none", "zstd"]


def test_the_same_archive_again_adds_nothing_but_the_archive(cast: Cast, tmp_path: Path) -> None:
    members = oci_layout(image([BuiltLayer(BASE.tar, "gzip"), APP], tags=["shop:1"]))
    first = document_of(bring(tmp_path, members, cast.team))
    before = stored()
    again = document_of(bring(tmp_path, members, cast.team))
    assert again == first
    assert stored() == before | {"Archive": 2}


def test_a_reference_moves_and_its_history_is_kept(cast: Cast, tmp_path: Path) -> None:
    old, new = image([BASE], tags=["shop:1"]), image([BASE, APP], tags=["shop:1"])
    bring(tmp_path, docker_save(old), cast.team)
    bring(tmp_path, docker_save(new), cast.team)
    reference = Reference.objects.get(team=cast.team)
    assert reference.image.image_id == new.id
    assert [move.image_digest for move in reference.moves.all()] == [old.id, new.id]


def test_a_missing_layer_costs_its_figures_alone(cast: Cast, tmp_path: Path) -> None:
    built = image([BASE, APP], tags=["shop:1"])
    members = oci_layout(built)
    del members[f"blobs/sha256/{APP.digest.removeprefix('sha256:')}"]
    archive = bring(tmp_path, members, cast.team)
    one = document_of(archive)["images"][0]
    assert not archive.whole
    assert [item["status"] for item in one["layers"]] == ["ok", "missing"]
    assert one["layers"][0]["size"] == 105
    assert one["layers"][1]["size"] is one["size"] is one["merged"] is one["waste"] is one["dive"] is None
    assert one["layers"][1]["diff_id"] == APP.diff_id
    assert "blob-missing" in codes(archive)


def without_app_layer(built: archives.Image) -> archives.Members:
    members = oci_layout(built)
    del members[f"blobs/sha256/{APP.digest.removeprefix('sha256:')}"]
    return members


def test_an_image_is_completed_when_its_team_brings_the_layer(cast: Cast, tmp_path: Path) -> None:
    built = image([BASE, APP], tags=["shop:1"])
    partial = bring(tmp_path, without_app_layer(built), cast.team)
    bring(tmp_path, docker_save(image([APP], tags=["other:1"])), cast.team)
    completed = Image.objects.get(image_id=built.id)
    assert completed.size == 111
    assert completed.incomplete_in is None
    # The document is that of its archive, where the layer is missing.
    assert document_of(partial)["images"][0]["layers"][1]["status"] == "missing"


def test_a_config_alone_shows_nobody_the_layers_of_another_team(cast: Cast, tmp_path: Path) -> None:
    built = image([BASE, APP], tags=["shop:1"])
    bring(tmp_path, docker_save(built), cast.team)
    bring(tmp_path, without_app_layer(built), cast.other_team)
    theirs = Image.objects.get(holdings__team=cast.other_team)
    assert theirs.size is None
    assert theirs.image_layers.get(index=1).layer is None
    assert Image.objects.get(holdings__team=cast.team).size == 111


def test_two_stacks_under_one_config_are_kept_apart(cast: Cast, tmp_path: Path) -> None:
    honest = image([BASE, APP], tags=["shop:1"])
    forged = archives.Image((BASE, layer({"srv/app": b"evil"})), honest.config, ("shop:2",))
    archive = bring(tmp_path, docker_save(forged), cast.team)
    bring(tmp_path, docker_save(honest), cast.team)
    images = Image.objects.filter(image_id=honest.id)
    assert images.count() == 2
    assert images.get(forged_chain_id="").size == 111
    assert {"config-mismatch", "diff-id-mismatch"} <= set(codes(archive))


@pytest.mark.parametrize("rootfs", [None, {}, {"type": "layers", "diff_ids": None}, {"type": "layers", "diff_ids": []}])
def test_who_knows_a_config_that_declares_no_layers_comes_by_nobodys_layers(
    cast: Cast, tmp_path: Path, rootfs: object
) -> None:
    theirs = image([BASE, APP], tags=["shop:1"], config={"rootfs": rootfs})
    forged = archives.Image((layer({"mine": b"1"}),), theirs.config, ("shop:2",))
    bring(tmp_path, docker_save(theirs), cast.team)
    archive = bring(tmp_path, docker_save(forged), cast.other_team)
    seen = Image.objects.get(holdings__team=cast.other_team)
    assert [item.diff_id for item in seen.image_layers.all()] == [forged.layers[0].diff_id]
    assert len(document_of(archive)["images"][0]["layers"]) == 1
    assert "config-mismatch" in codes(archive)


def test_an_image_that_lacks_all_declared_layers_is_not_the_honest_one(cast: Cast, tmp_path: Path) -> None:
    honest = image([BASE, APP], tags=["shop:1"])
    forged = archives.Image((), honest.config, ("shop:2",))
    first = bring(tmp_path, docker_save(forged), cast.other_team)
    assert document_of(first)["images"][0]["layers"] == []
    again = bring(tmp_path, docker_save(honest), cast.team)
    assert Image.objects.get(image_id=honest.id, forged_chain_id="").size == 111
    assert len(document_of(again)["images"][0]["layers"]) == 2
    assert "config-mismatch" not in codes(again)


def test_an_image_without_layers_is_whole_and_empty(cast: Cast, tmp_path: Path) -> None:
    one = document_of(bring(tmp_path, docker_save(image([], history=["#ENV A=1"])), cast.team))["images"][0]
    assert one["size"] == 0
    assert one["waste"]["efficiency"] == 1.0


def test_the_empty_layer_is_known_by_its_diff_id(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, docker_save(image([layer()])), cast.team)
    assert Layer.objects.get().diff_id == EMPTY_LAYER_DIFF_ID
    assert Layer.objects.get().entries == 0


def test_findings_of_a_known_layer_are_repeated(cast: Cast, tmp_path: Path) -> None:
    odd = layer([("a", b"1"), ("a", b"2")])
    first = bring(tmp_path, docker_save(image([odd])), cast.team)
    again = bring(tmp_path, docker_save(image([odd, APP])), cast.team)
    assert "duplicate-entry" in codes(first)
    assert {item["layer"] for item in again.findings if item["code"] == "duplicate-entry"} == {0}


def test_contents_equal_a_plain_count(cast: Cast, tmp_path: Path) -> None:
    twice = layer({"a": b"same", "b": b"same", "c": b"other", "d": Whiteout()})
    bring(tmp_path, docker_save(image([twice])), cast.team)
    bring(tmp_path, docker_save(image([layer({"x": b"same"})])), cast.team)
    rows = {row.size: (row.layers, row.copies) for row in Content.objects.all()}
    assert rows == {4: (2, 3), 5: (1, 1)}


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_an_archive_may_be_compressed_as_a_whole(cast: Cast, tmp_path: Path, compression: str) -> None:
    archive = bring(tmp_path, docker_save(image([BASE])), cast.team, compression=compression)
    assert archive.whole
    assert archive.format == "docker-archive"
    assert not list(tmp_path.glob("plain-*")), "the plain form is removed"


def test_history_that_does_not_align_is_shown_as_it_stands(cast: Cast, tmp_path: Path) -> None:
    archive = bring(tmp_path, docker_save(image([BASE, APP], history=["one", "#two"])), cast.team)
    steps = document_of(archive)["images"][0]["history"]
    assert [(step["layer"], step["size"]) for step in steps] == [(None, None), (None, 0)]
    assert "history-unaligned" in codes(archive)


def test_both_teams_hold_an_image_that_both_brought(cast: Cast, tmp_path: Path) -> None:
    members = docker_save(image([BASE]))
    bring(tmp_path, members, cast.team)
    bring(tmp_path, members, cast.other_team)
    assert Image.objects.count() == 1
    assert Holding.objects.count() == 2


def test_two_manifests_of_one_image_are_one_image(cast: Cast, tmp_path: Path) -> None:
    zipped = image([BuiltLayer(BASE.tar, "gzip")], tags=["shop:1"])
    again = image([BuiltLayer(BASE.tar, "zstd")], tags=["shop:2"])
    document = document_of(bring(tmp_path, oci_layout(zipped, again), cast.team))
    assert [one["references"] for one in document["images"]] == [
        ["docker.io/library/shop:1", "docker.io/library/shop:2"]
    ]
