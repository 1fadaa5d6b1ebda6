import os
from pathlib import Path

import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.outerfolder import OuterFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "layout"
    (path / "blobs/sha256").mkdir(parents=True)
    (path / "blobs/sha256/one").write_bytes(b"12345")
    (path / "index.json").write_bytes(b"{}")
    (tmp_path / "secret").write_bytes(b"secret")
    return path


def test_files_are_found_and_measured(folder: Path) -> None:
    outer = OuterFolder(folder, Limits())
    blob = outer.find("blobs/sha256/one")
    assert blob is not None
    assert (blob.path.read_bytes(), blob.offset, blob.length) == (b"12345", 0, 5)
    assert outer.size == 7
    assert outer.top() == {"blobs", "index.json"}
    assert sorted(name for name, _ in outer.files()) == ["blobs/sha256/one", "index.json"]
    assert outer.find("blobs") is None
    assert outer.find("nothing") is None
    assert outer.findings == []


def test_links_inside_the_folder_are_followed(folder: Path) -> None:
    (folder / "link").symlink_to("blobs/sha256/one")
    (folder / "absolute").symlink_to(folder / "blobs/sha256/one")
    (folder / "there-and-back").symlink_to("../layout/blobs")
    outer = OuterFolder(folder, Limits())
    for name in ("link", "absolute", "there-and-back/sha256/one"):
        blob = outer.find(name)
        assert blob is not None
        assert blob.path.read_bytes() == b"12345"
    assert outer.size == 7


@pytest.mark.parametrize("target", ["../secret", "../../etc/passwd", "/etc/passwd", ".."])
def test_links_out_of_the_folder_are_refused(folder: Path, target: str) -> None:
    (folder / "link").symlink_to(target)
    outer = OuterFolder(folder, Limits())
    assert outer.find("link") is None
    assert outer.find("link") is None
    assert [finding.code for finding in outer.findings] == ["link-refused"]


def test_a_folder_beside_it_of_the_same_beginning_is_outside(folder: Path) -> None:
    beside = folder.parent / "layout-of-others"
    beside.mkdir()
    (beside / "blob").write_bytes(b"x")
    (folder / "link").symlink_to("../layout-of-others/blob")
    assert OuterFolder(folder, Limits()).find("link") is None


def test_blobs_as_a_link_out_of_the_folder_are_refused(folder: Path) -> None:
    os.rename(folder / "blobs", folder.parent / "blobs")
    (folder / "blobs").symlink_to("../blobs")
    outer = OuterFolder(folder, Limits())
    assert outer.find("blobs/sha256/one") is None
    assert [finding.code for finding in outer.findings] == ["link-refused"]


def test_links_in_a_loop_end(folder: Path) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    (folder / "dangling").symlink_to("nowhere")
    outer = OuterFolder(folder, Limits())
    assert outer.find("a") is None
    assert outer.find("dangling") is None


def test_a_pipe_is_no_blob_and_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    outer = OuterFolder(folder, Limits())
    assert outer.find("pipe") is None


def test_a_name_that_climbs_out_is_not_looked_up(folder: Path) -> None:
    assert OuterFolder(folder, Limits()).find("../secret") is None


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert OuterFolder(link, Limits()).find("index.json") is not None


def test_the_number_of_files_is_limited(folder: Path) -> None:
    with pytest.raises(LimitReached, match="MAX_ARCHIVE_MEMBERS"):
        OuterFolder(folder, Limits(max_archive_members=1))
