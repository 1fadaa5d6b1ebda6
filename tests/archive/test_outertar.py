import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.outer import normalise
from analyzer.archive.outertar import OuterTar
from tests.archives import Dir, Fifo, Hardlink, Symlink, tar, write
from tests.tars import Description


def outer(tmp_path: Path, entries: Description) -> OuterTar:
    path = tmp_path / "outer.tar"
    path.write_bytes(tar(entries))
    return OuterTar(path, Limits())


def content(archive: OuterTar, name: str) -> bytes | None:
    blob = archive.find(name)
    if blob is None:
        return None
    with blob.path.open("rb") as file:
        file.seek(blob.offset)
        return file.read(blob.length)


def test_files_are_found_where_they_lie(tmp_path: Path) -> None:
    archive = outer(tmp_path, {"a/": Dir(), "a/b": b"one", "c": b"", "d": b"x" * 1_000})
    assert content(archive, "a/b") == b"one"
    assert content(archive, "c") == b""
    assert content(archive, "d") == b"x" * 1_000
    assert archive.find("a") is None
    assert archive.find("nothing") is None
    assert archive.members == 4
    assert archive.broken is None
    assert archive.top() == {"a", "c", "d"}
    assert [name for name, _ in archive.files()] == ["a/b", "c", "d"]


@pytest.mark.parametrize(
    ("written", "asked"), [("./m", "m"), ("/m", "m"), ("a//m", "a/m"), ("m", "./m"), ("a/./m", "a/m")]
)
def test_names_are_normalised(tmp_path: Path, written: str, asked: str) -> None:
    assert content(outer(tmp_path, {written: b"x"}), asked) == b"x"


def test_a_name_that_climbs_out_is_no_member(tmp_path: Path) -> None:
    archive = outer(tmp_path, {"../m": b"x", "a/../../n": b"y"})
    assert list(archive.files()) == []
    assert archive.find("../m") is None


def test_of_a_name_that_stands_twice_the_last_wins(tmp_path: Path) -> None:
    archive = outer(tmp_path, [("a", b"old"), ("b", b"kept"), ("a", b"new"), ("b", Symlink(target="a"))])
    assert content(archive, "a") == b"new"
    assert content(archive, "b") == b"new"


def test_links_are_followed_inside_the_archive(tmp_path: Path) -> None:
    archive = outer(
        tmp_path,
        {
            "x/layer.tar": Symlink(target="../y/layer.tar"),
            "y/layer.tar": b"layer",
            "hard": Hardlink(target="y/layer.tar"),
            "twice": Symlink(target="hard"),
        },
    )
    assert {content(archive, name) for name in ("x/layer.tar", "hard", "twice")} == {b"layer"}
    assert archive.findings == []


@pytest.mark.parametrize("target", ["../../etc/passwd", "/etc/passwd", "a/../../../x"])
def test_a_link_out_of_the_archive_is_refused_and_reported_once(tmp_path: Path, target: str) -> None:
    archive = outer(tmp_path, {"x/layer.tar": Symlink(target=target)})
    assert archive.find("x/layer.tar") is None
    assert archive.find("x/layer.tar") is None
    assert [(finding.code, finding.path) for finding in archive.findings] == [("link-refused", b"x/layer.tar")]
    assert "leads out" in archive.why_not("x/layer.tar")


def test_links_in_a_loop_end(tmp_path: Path) -> None:
    archive = outer(tmp_path, {"a": Symlink(target="b"), "b": Hardlink(target="a"), "c": Symlink(target="c")})
    assert archive.find("a") is None
    assert archive.find("c") is None
    assert [finding.code for finding in archive.findings] == ["link-refused"] * 2
    assert "loop" in archive.why_not("c")


def test_what_is_no_file_is_not_found(tmp_path: Path) -> None:
    archive = outer(tmp_path, {"pipe": Fifo(), "gone": Symlink(target="nowhere")})
    assert archive.find("pipe") is None
    assert archive.find("gone") is None
    assert archive.findings == []
    assert archive.why_not("gone") == "is not in the archive"


@pytest.mark.parametrize("tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_long_links_are_read_in_every_format(tmp_path: Path, tar_format: int) -> None:
    name = "/".join(["folder" * 10] * 3 + ["layer.tar"])
    path = tmp_path / "outer.tar"
    with tarfile.open(path, "w", format=tar_format) as file:
        member = tarfile.TarInfo(name)
        member.size = 3
        file.addfile(member, io.BytesIO(b"abc"))
        link = tarfile.TarInfo("link")
        link.type = tarfile.LNKTYPE
        link.linkname = name[:95] if tar_format == tarfile.USTAR_FORMAT else name
        file.addfile(link)
    archive = OuterTar(path, Limits())
    assert content(archive, name) == b"abc"
    if tar_format != tarfile.USTAR_FORMAT:
        assert content(archive, "link") == b"abc"


def test_a_size_beyond_octal_is_read_in_base_256(tmp_path: Path) -> None:
    path = tmp_path / "outer.tar"
    big = tarfile.TarInfo("big")
    big.size = 9 << 30
    with path.open("wb") as file:
        file.write(big.tobuf(tarfile.GNU_FORMAT))
        file.seek(9 << 30, 1)
        file.write(tar({"after": b"x"}))
    archive = OuterTar(path, Limits())
    blob = archive.find("big")
    assert blob is not None
    assert blob.length == 9 << 30
    assert content(archive, "after") == b"x"


def test_a_sparse_member_is_not_mistaken_for_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "outer.tar"
    sparse = tarfile.TarInfo("GNUSparseFile.0/layer.tar")
    sparse.size = 512
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "layer.tar"}
    path.write_bytes(sparse.tobuf(tarfile.PAX_FORMAT) + b"0\n" + bytes(510) + tar({"after": b"x"}))
    archive = OuterTar(path, Limits())
    assert archive.find("layer.tar") is None
    assert "--sparse" in archive.why_not("layer.tar")
    assert content(archive, "after") == b"x"


def test_an_old_gnu_sparse_member_is_passed_with_all_blocks_of_its_map(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("sparse").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[124:136] = b"00000001000\0"
    header[482] = 1
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:]))
    more = bytearray(512)
    more[504] = 1
    path = tmp_path / "outer.tar"
    path.write_bytes(bytes(header) + bytes(more) + bytes(512) + bytes(512) + tar({"after": b"x"}))
    archive = OuterTar(path, Limits())
    assert archive.find("sparse") is None
    assert content(archive, "after") == b"x"


def test_a_member_that_is_cut_off_has_the_bytes_that_are_there(tmp_path: Path) -> None:
    whole = tar({"first": b"1", "layer.tar": b"x" * 5_000})
    path = tmp_path / "outer.tar"
    path.write_bytes(whole[: 512 * 3 + 1_000])
    archive = OuterTar(path, Limits())
    assert content(archive, "first") == b"1"
    assert content(archive, "layer.tar") == b"x" * 1_000
    assert archive.broken == "ends at byte 2,536, in the middle of a file that goes to byte 6,536"
    assert archive.why_not("manifest.json") == "is not in the part of the archive that can be read"


def test_what_follows_a_damaged_header_is_not_read(tmp_path: Path) -> None:
    damaged = bytearray(tar({"a": b"1", "b": b"2", "c": b"3"}))
    damaged[1_024] ^= 1
    path = tmp_path / "outer.tar"
    path.write_bytes(damaged)
    archive = OuterTar(path, Limits())
    assert [name for name, _ in archive.files()] == ["a"]
    assert archive.broken == "has no tar header at byte 1,024, where one should be"


def test_a_tar_without_end_blocks_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "outer.tar"
    path.write_bytes(tar({"a": b"1"})[:-1_024])
    archive = OuterTar(path, Limits())
    assert content(archive, "a") == b"1"
    assert archive.broken is None


def test_what_stands_after_the_end_blocks_is_no_member(tmp_path: Path) -> None:
    path = tmp_path / "outer.tar"
    path.write_bytes(tar({"a": b"1"}) + tar({"b": b"2"}))
    assert [name for name, _ in OuterTar(path, Limits()).files()] == ["a"]


def test_an_extended_header_of_any_size_is_not_taken_into_memory(tmp_path: Path) -> None:
    member = tarfile.TarInfo("x")
    member.type, member.size = b"x", 40 << 30
    path = tmp_path / "outer.tar"
    path.write_bytes(member.tobuf(tarfile.GNU_FORMAT) + bytes(1_024))
    assert "extended header of 42,949,672,960 bytes" in str(OuterTar(path, Limits()).broken)


def test_the_number_of_members_is_limited(tmp_path: Path) -> None:
    path = write(tmp_path / "outer.tar", {str(number): b"" for number in range(11)})
    with pytest.raises(LimitReached, match="MAX_ARCHIVE_MEMBERS=10"):
        OuterTar(path, Limits(max_archive_members=10))
    assert OuterTar(path, Limits(max_archive_members=11)).members == 11


@given(st.text(alphabet="ab./ ", max_size=12))
def test_a_normalised_name_stays_inside(name: str) -> None:
    clean = normalise(name)
    if clean is not None:
        assert normalise(clean) == clean
        assert not clean.startswith("/")
        assert ".." not in clean.split("/")
        assert "." not in clean.split("/")
        assert "" not in clean.split("/")
