"""A data root with aufs, made in code: its layers are read, its disk is measured, and nothing outside it is touched."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from analyzer.archive.budget import Limits
from analyzer.archive.scan import scan_layer
from analyzer.archive.source import ArchiveContents, ArchiveError
from analyzer.filetree.entry import Kind
from analyzer.oci.digest import chain_ids
from analyzer.storage.contents import contents_of, open_data_root
from analyzer.storage.document import usage_document
from analyzer.storage.rooted import Rooted
from analyzer.storage.usage import usage_of
from tests.storage.roots import AufsRoot, Member

BASE: list[Member] = [("etc", None), ("etc/passwd", b"root"), ("big", bytes(3 << 20)), ("gone", None), ("gone/x", b"x")]
UPPER: list[Member] = [("etc", None), ("etc/passwd", b"root and more"), (".wh.gone", b""), ("opt", None)]
CHANGES: list[Member] = [("etc/passwd", b"mine"), (".wh.big", b""), ("new/er", b"12345"), (".wh..wh.aufs", b"")]


@pytest.fixture
def root(tmp_path: Path) -> AufsRoot:
    return AufsRoot(tmp_path / "docker")


def read(root: AufsRoot, limits: Limits | None = None) -> tuple[ArchiveContents, dict[str, Any], list[Any]]:
    """Contents, figures, and a scan of each layer of each image, one list an image."""
    limits = limits or Limits()
    with open_data_root(root.path, limits) as data:
        contents = contents_of(data, "docker")
        figures = usage_document(usage_of(data, contents.images))
        scans = [[scan_layer(layer.blob, limits) for layer in image.layers if layer.blob] for image in contents.images]
        return contents, figures, scans


def test_each_layers_exact_tar_is_put_together(root: AufsRoot) -> None:
    root.add("made:1", [BASE, UPPER])
    contents, _, scans = read(root)
    (image,) = contents.images
    assert image.references == ["docker.io/library/made:1"]
    assert [scan.diff_id for scan in scans[0]] == [layer.diff_id for layer in image.layers]
    assert Kind.WHITEOUT in scans[0][1].members.kinds
    assert not contents.findings


def test_a_layer_that_images_share_is_there_once(root: AufsRoot) -> None:
    root.add("made:1", [BASE])
    root.add("made:2", [BASE, UPPER])
    _, figures, _ = read(root)
    assert len(figures["layers"]) == 2
    assert len(figures["layers"][0]["images"]) == 2
    shared = {image["references"][0][-1]: (image["shared"], image["unique"]) for image in figures["images"]}
    base = sum(len(content or b"") for _, content in BASE)
    assert shared == {"1": (base, 0), "2": (base, 13)}


def test_what_a_container_changed_is_told_with_sizes(root: AufsRoot) -> None:
    container = root.container(root.add("made:1", [BASE, UPPER]), CHANGES)
    _, figures, _ = read(root)
    (told,) = figures["containers"]
    assert (told["id"], told["name"]) == (container, "made")
    assert [(change["path"], change["change"], change["size"]) for change in told["changes"]] == [
        ("big", "D", None),
        ("etc", "C", None),
        ("etc/passwd", "C", 4),
        ("new", "A", None),
        ("new/er", "A", 5),
    ]
    assert "SECRET" not in json.dumps(figures)


def test_folders_that_nobody_knows_are_told(root: AufsRoot) -> None:
    root.add("made:1", [BASE])
    left = root.path / "aufs/diff/left"
    left.mkdir()
    (left / "data").write_bytes(bytes(100_000))
    os.link(left / "data", left / "again")
    _, figures, _ = read(root)
    (orphan,) = figures["orphans"]
    assert (orphan["folder"], orphan["size"]) == ("left", 100_000)
    assert 100_000 <= orphan["disk"] < 150_000


def test_a_layer_of_no_image_is_told(root: AufsRoot) -> None:
    image_id = root.add("made:1", [BASE])
    root.add("made:2", [BASE, UPPER])
    document = {"Repositories": {"made": {"made:1": image_id}}}
    (root.base / "repositories.json").write_text(json.dumps(document))
    unnamed = next(path for path in (root.base / "imagedb/content/sha256").iterdir() if path.name != image_id[7:])
    unnamed.unlink()
    _, figures, _ = read(root)
    assert [len(layer["images"]) for layer in figures["layers"]] == [1, 0]


def test_steps_of_a_build_are_no_images(root: AufsRoot) -> None:
    step, image_id = root.add("step:1", [BASE]), root.add("made:2", [BASE, UPPER])
    (root.base / "repositories.json").write_text(json.dumps({"Repositories": {"made": {"made:2": image_id}}}))
    metadata = root.base / "imagedb/metadata/sha256" / image_id[7:]
    metadata.mkdir()
    (metadata / "parent").write_text(step)
    contents, _, _ = read(root)
    assert [image.image_id for image in contents.images] == [image_id]


@pytest.mark.parametrize("how", ["link", "folder link", "fifo", "shorter", "gone"])
def test_a_file_that_is_not_what_it_was_costs_its_layer_and_nothing_outside_is_read(
    root: AufsRoot, how: str, tmp_path: Path
) -> None:
    image_id = root.add("made:1", [BASE])
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "passwd").write_bytes(b"root")  # the very bytes: a reader that followed it would be content
    (chain_id,) = chain_ids(layer.diff_id for layer in read(root)[0].images[0].layers if layer.diff_id)
    etc = root.folder(chain_id) / "etc"
    (etc / "passwd").unlink()
    if how == "link":
        (etc / "passwd").symlink_to(outside / "passwd")
    elif how == "folder link":
        etc.rmdir()
        etc.symlink_to(outside)
    elif how == "fifo":
        os.mkfifo(etc / "passwd")
    elif how == "shorter":
        (etc / "passwd").write_bytes(b"roo")
    contents, _, scans = read(root)
    assert contents.images[0].image_id == image_id
    assert scans[0][0].status == "damaged"
    assert "etc/passwd" in scans[0][0].reason


def test_a_layer_whose_folder_is_gone_is_missing(root: AufsRoot) -> None:
    root.add("made:1", [BASE, UPPER])
    top = chain_ids(layer.diff_id for layer in read(root)[0].images[0].layers if layer.diff_id)[1]
    root.folder(top).rename(root.path / "aufs/elsewhere")
    contents, _, scans = read(root)
    assert len(scans[0]) == 1
    assert "blob-missing" in {finding.code for finding in contents.findings}


@pytest.mark.parametrize("record", [b"", b"no gzip", "cut"])
def test_a_damaged_record_is_done_without(root: AufsRoot, record: bytes | str) -> None:
    root.add("made:1", [BASE, UPPER])
    for path in root.base.glob("layerdb/sha256/*/tar-split.json.gz"):
        path.write_bytes(path.read_bytes()[:-20] if isinstance(record, str) else record)
    contents, _, scans = read(root)
    assert all(scan.status == "ok" for scan in scans[0])
    assert Kind.WHITEOUT in scans[0][1].members.kinds
    assert "tar-not-recorded" in {finding.code for finding in contents.findings}


def test_a_folder_that_is_no_data_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no data root"), open_data_root(tmp_path, Limits()):
        pass
    with pytest.raises(ArchiveError, match="There is no folder"), open_data_root(tmp_path / "gone", Limits()):
        pass
    (tmp_path / "image" / "btrfs").mkdir(parents=True)
    with pytest.raises(ArchiveError, match="overlay2 and aufs can be read"), open_data_root(tmp_path, Limits()):
        pass


@pytest.mark.parametrize("name", [b"../outside", b"a/../../outside", b"link/outside", b"link"])
def test_names_that_lead_out_are_not_followed(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path)
    with Rooted(inside) as rooted, pytest.raises(OSError):  # noqa: PT011 - which one depends on the step
        rooted.read(name, 10)
