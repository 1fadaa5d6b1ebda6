import bz2
import errno
import lzma
import os
from pathlib import Path

import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.opening import open_archive
from analyzer.archive.source import ArchiveError
from analyzer.archive.whole import plain_form
from tests.archives import compress, docker_save, image, layer, oci_layout, tar, write

APP = image([layer({"app": os.urandom(100_000)}), {"b": b"2"}], tags=["app:1"])


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_the_plain_form_lies_in_the_work_folder_as_long_as_the_archive_is_open(
    tmp_path: Path, workdir: Path, compression: str
) -> None:
    path = write(tmp_path / "app.tar", docker_save(APP), compression=compression)
    with open_archive(path, Limits(), workdir) as contents:
        blob = contents.images[0].layers[0].blob
        assert blob is not None
        assert blob.path.parent == workdir
        assert blob.path.read_bytes()[blob.offset :][: blob.length] == APP.layers[0].tar
        assert contents.size == path.stat().st_size
    assert list(workdir.iterdir()) == []


def test_a_plain_archive_stays_where_it_is(tmp_path: Path, workdir: Path) -> None:
    path = write(tmp_path / "app.tar", docker_save(APP))
    with plain_form(path, Limits(), workdir) as plain:
        assert plain == path
    assert path.exists()


def test_the_name_of_the_file_does_not_count(tmp_path: Path, workdir: Path) -> None:
    for name, compression in (("app.tar.gz", "none"), ("app.tar", "gzip"), ("app.zip", "zstd")):
        path = write(tmp_path / name, docker_save(APP), compression=compression)
        with open_archive(path, Limits(), workdir) as contents:
            assert len(contents.images) == 1


def test_a_plain_form_that_is_kept_is_taken_again(tmp_path: Path, workdir: Path) -> None:
    path = write(tmp_path / "app.tar", docker_save(APP), compression="gzip")
    places = []
    for _ in range(2):
        seen: list[int] = []
        with open_archive(path, Limits(), workdir, seen.append, keep_plain=True) as contents:
            places.append([layer.blob for layer in contents.images[0].layers])
    assert places[0] == places[1]
    assert seen == []
    assert len(list(workdir.iterdir())) == 1


def test_a_body_that_fails_leaves_nothing_behind(tmp_path: Path, workdir: Path) -> None:
    path = write(tmp_path / "app.tar", docker_save(APP), compression="gzip")
    with pytest.raises(ZeroDivisionError), plain_form(path, Limits(), workdir):
        raise ZeroDivisionError
    assert list(workdir.iterdir()) == []


def test_progress_tells_the_carried_bytes(tmp_path: Path, workdir: Path) -> None:
    path = write(tmp_path / "app.tar", {"x": os.urandom(3 << 20)}, compression="gzip")
    seen: list[int] = []
    with plain_form(path, Limits(), workdir, seen.append):
        assert seen == sorted(seen)
        assert seen[-1] == path.stat().st_size
        assert len(seen) > 2


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_an_upload_that_was_cut_off_is_told_and_leaves_nothing(
    tmp_path: Path, workdir: Path, compression: str, kept: float
) -> None:
    path = tmp_path / "app.tar.gz"
    whole = compress(tar(docker_save(APP)), compression)
    path.write_bytes(whole[: int(len(whole) * kept)])
    with (
        pytest.raises(ArchiveError, match="the upload may have been cut off, send it again"),
        plain_form(path, Limits(), workdir),
    ):
        pass
    assert list(workdir.iterdir()) == []


def test_an_error_of_whoever_is_asked_for_progress_leaves_nothing(tmp_path: Path, workdir: Path) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    path = write(tmp_path / "app.tar", docker_save(APP), compression="gzip")
    with pytest.raises(KeyboardInterrupt), plain_form(path, Limits(), workdir, stop):
        pass
    assert list(workdir.iterdir()) == []


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path, workdir: Path, compression: str) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(compress(bytes(8 << 20), compression))
    with (
        pytest.raises(
            LimitReached, match="The inflation ratio of the archive is over the limit MAX_INFLATION_RATIO=100"
        ),
        plain_form(path, Limits(max_inflation_ratio=100, inflation_free_bytes=1 << 20), workdir),
    ):
        pass
    assert list(workdir.iterdir()) == []


def test_a_bomb_is_stopped_by_its_size(tmp_path: Path, workdir: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(compress(bytes(8 << 20), "gzip"))
    with (
        pytest.raises(LimitReached, match="MAX_ARCHIVE_BYTES=1048576"),
        plain_form(path, Limits(max_archive_bytes=1 << 20), workdir),
    ):
        pass
    assert list(workdir.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (bz2.compress(b"x"), "bzip2"),
        (lzma.compress(b"x"), "xz"),
        (b"PK\x03\x04", "zip"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    ],
)
def test_other_compressions_are_named(tmp_path: Path, workdir: Path, data: bytes, name: str) -> None:
    path = tmp_path / "app"
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=f"compressed with {name}"), plain_form(path, Limits(), workdir):
        pass


def test_layers_inside_a_compressed_archive_may_be_compressed_too(tmp_path: Path, workdir: Path) -> None:
    packed = image([layer({"a": b"1"}, compression="gzip"), layer({"b": b"2"}, compression="zstd")])
    path = write(tmp_path / "app.tar", oci_layout(packed), compression="gzip")
    with open_archive(path, Limits(), workdir) as contents:
        assert len(contents.images[0].layers) == 2
        assert contents.findings == []


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_bomb_does_not_take_the_last_of_the_disk(tmp_path: Path, workdir: Path, compression: str) -> None:
    path = write(tmp_path / "app.tar", docker_save(APP), compression=compression)
    with (
        pytest.raises(OSError, match="MIN_FREE_DISK_BYTES=1152921504606846976 must stay free") as caught,
        open_archive(path, Limits(), workdir, reserve=1 << 60),
    ):
        pass
    assert caught.value.errno == errno.ENOSPC
    assert list(workdir.iterdir()) == []
