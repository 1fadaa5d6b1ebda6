"""Any bytes of a layer's tar out of the blob that carries it: each entry's against Python's tarfile."""

import gzip
import io
import random
import tarfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from analyzer.archive import deflate, seekpoints
from analyzer.archive.budget import Limits
from analyzer.archive.compression import Compression
from analyzer.archive.entrybytes import Stored, device_numbers, file_bytes, file_head, whole_file
from analyzer.archive.plainbytes import PlainBytes, PointFor
from analyzer.archive.seekpoints import find_points, nearest_point
from analyzer.archive.tarscan import TarScan
from analyzer.archive.unreadable import Damaged
from analyzer.archive.zstdframes import nearest_frame
from analyzer.filetree.entry import Kind, Members
from tests.tars import Device, File, tar

LIMITS = Limits()
NUMBERS = random.Random(20261124)


def text_of(size: int, seed: int) -> bytes:
    """Bytes that deflate makes blocks of all kinds of: words, and some that can't be compressed."""
    numbers = random.Random(seed)
    words = [numbers.randbytes(length) for length in (3, 4, 5, 8, 20)] + [b"layer", b"\n"]
    out = b"".join(numbers.choice(words) + bytes([numbers.randrange(90)]) for _ in range(size // 9))
    return (out + numbers.randbytes(size))[:size]


def members_of(data: bytes) -> Members:
    scan = TarScan(iter([data]), LIMITS)
    scan.run()
    return scan.members


def in_parts(data: bytes, parts: int, rng: random.Random) -> list[bytes]:
    cuts = sorted(rng.sample(range(len(data)), parts - 1)) if parts > 1 else []
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def carried(data: bytes, how: str, rng: random.Random) -> tuple[bytes, Compression]:
    level = rng.choice([1, 6, 9])
    match how:
        case "gzip":
            return gzip.compress(data, level), Compression.GZIP
        case "members":
            parts = in_parts(data, 5, rng)
            return b"".join(gzip.compress(part, level) for part in parts) + bytes(100), Compression.GZIP
        case "zstd":
            return zstandard.compress(data), Compression.ZSTD
        case "frames":
            frames = [zstandard.compress(part) for part in in_parts(data, 7, rng)]
            skippable = b"\x53\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"chunk"
            return skippable.join(frames), Compression.ZSTD
    return data, Compression.NONE


FORMS = ["none", "gzip", "members", "zstd", "frames"]


def reader(folder: Path, data: bytes, how: str, rng: random.Random) -> PlainBytes:
    """A reader with the seek points of a gzip blob, close together."""
    blob, compression = carried(data, how, rng)
    if compression is not Compression.GZIP:
        return PlainBytes(io.BytesIO(blob), compression, len(data))
    return PlainBytes(io.BytesIO(blob), compression, len(data), all_points(folder, blob, len(data)))


def all_points(folder: Path, blob: bytes, size: int) -> PointFor:
    find_points(io.BytesIO(blob), size, size, folder / "points")
    return lambda offset: nearest_point(folder / "points", offset)


@pytest.fixture
def close_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seekpoints, "LEAST_SPACING", 64 << 10)
    monkeypatch.setattr("analyzer.archive.plainbytes._NEAR", 10_000)


contents = st.lists(
    st.tuples(st.sampled_from([0, 1, 511, 512, 513, 5_000, 60_000]), st.integers(0, 1 << 30)), max_size=8
)


@pytest.mark.usefixtures("close_points")
@pytest.mark.parametrize("how", FORMS)
def test_every_entry_has_the_bytes_that_tarfile_reads(how: str, tmp_path_factory: pytest.TempPathFactory):
    @given(files=contents, seed=st.integers(0, 1 << 30), tar_format=st.sampled_from([0, 1, 2]))
    def check(files: list[tuple[int, int]], seed: int, tar_format: int) -> None:
        data = tar({f"folder/{at}": text_of(*file) for at, file in enumerate(files)}, tar_format=tar_format)  # type: ignore[arg-type]
        rng = random.Random(seed)
        members = members_of(data)
        rows = list(range(len(members.paths)))
        rng.shuffle(rows)
        folder = tmp_path_factory.mktemp("points")
        with reader(folder, data, how, rng) as plain, tarfile.open(fileobj=io.BytesIO(data)) as oracle:
            for row in rows:
                path = members.paths[row]
                file = Stored(path, members.offsets[row], members.sizes[row], members.sha256s[row])
                expected = oracle.extractfile(path.decode())
                assert expected is not None
                read = rng.choice([whole_file, lambda *asked: b"".join(file_bytes(*asked))])
                assert read(plain, file, LIMITS) == expected.read()

    check()


@pytest.mark.usefixtures("close_points")
@pytest.mark.parametrize("how", FORMS)
def test_any_span_is_read_whatever_was_read_before(how: str, tmp_path: Path):
    data = text_of(900_000, 7)
    with reader(tmp_path, data, how, NUMBERS) as plain:
        for _ in range(60):
            start = NUMBERS.randrange(len(data))
            size = NUMBERS.choice([0, 1, 700, 30_000, 400_000])
            size = min(size, len(data) - start)
            assert b"".join(plain.read(start, size)) == data[start : start + size]
        assert b"".join(plain.all()) == data


@pytest.mark.usefixtures("close_points")
@pytest.mark.parametrize("library", ["isal", "zlib"])
def test_inflating_starts_at_any_bit_of_a_byte(library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    if library == "zlib":
        import zlib

        monkeypatch.setattr(deflate, "_library", zlib)
    data = text_of(6_000_000, 3)
    blob = gzip.compress(data, 6)
    point_for = all_points(tmp_path, blob, len(data))
    starts = range(0, len(data) - 1000, 64 << 10)
    points = [point_for(start) for start in starts]
    assert {point.bits for point in points if point} == set(range(8))
    for start in starts:
        with PlainBytes(io.BytesIO(blob), Compression.GZIP, len(data), point_for) as plain:
            assert b"".join(plain.read(start, 1000)) == data[start : start + 1000]


@pytest.mark.usefixtures("close_points")
def test_seek_points_are_found_as_far_as_need_be_and_go_on_later(tmp_path: Path):
    data = text_of(12_000_000, 5)
    blob = gzip.compress(data, 1)
    path = tmp_path / "points"
    find_points(io.BytesIO(blob), len(data), 500_000, path)
    first = nearest_point(path, 500_000)
    assert first is not None
    assert nearest_point(path, 11_900_000) is None
    find_points(io.BytesIO(blob), len(data), 11_900_000, path)
    late = nearest_point(path, 11_900_000)
    assert late is not None
    assert late.plain > 11_800_000
    assert nearest_point(path, 500_000) == first
    assert [path.name for path in tmp_path.iterdir()] == ["points"]


def test_a_file_that_holds_no_seek_points_is_told(tmp_path: Path):
    (tmp_path / "points").write_bytes(b"GZIDX")
    with pytest.raises(ValueError, match="cut off"):
        nearest_point(tmp_path / "points", 0)
    (tmp_path / "points").write_bytes(bytes(100))
    with pytest.raises(ValueError, match="no seek points"):
        nearest_point(tmp_path / "points", 0)


def test_a_big_layer_has_no_more_seek_points_than_a_middling_one(tmp_path: Path):
    data = bytes(30 << 20)
    blob = gzip.compress(data, 1)
    find_points(io.BytesIO(blob), seekpoints.MOST_POINTS * (10 << 20), len(data), tmp_path / "points")
    points = [nearest_point(tmp_path / "points", at << 20) for at in range(30)]
    assert len({point.plain for point in points if point}) == 3


def test_a_corrupt_gzip_stream_is_damaged(tmp_path: Path):
    blob = gzip.compress(text_of(300_000, 1))
    with PlainBytes(io.BytesIO(blob[: len(blob) // 2]), Compression.GZIP, 300_000) as plain, pytest.raises(Damaged):
        b"".join(plain.all())
    with pytest.raises(Damaged):
        find_points(io.BytesIO(b"\x1f\x8b\x08" + bytes(100)), 300_000, 300_000, tmp_path / "points")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", ["none", "gzip", "zstd"])
def test_bytes_that_are_not_there_are_damaged(how: str):
    blob, compression = carried(b"abc" * 100, how, NUMBERS)
    with PlainBytes(io.BytesIO(blob), compression, 400) as plain:
        with pytest.raises(Damaged, match="end early"):
            b"".join(plain.read(250, 150))
        with pytest.raises(Damaged, match="400 bytes"):
            b"".join(plain.read(399, 2))


def test_a_frame_without_a_stated_size_is_where_zstd_begins():
    known = zstandard.compress(b"a" * 1000)
    unknown = zstandard.ZstdCompressor(write_content_size=False).compress(b"b" * 1000)
    blob = io.BytesIO(known + unknown + known)
    assert nearest_frame(blob, 0) == (0, 0)
    assert nearest_frame(blob, 999) == (0, 0)
    assert nearest_frame(blob, 1000) == (len(known), 1000)
    assert nearest_frame(blob, 2500) == (len(known), 1000)


def test_other_bytes_than_those_listed_are_not_passed_off_as_them():
    data = tar({"a": b"hello"})
    members = members_of(data)
    file = Stored(b"a", members.offsets[0], 5, bytes(32))
    with PlainBytes(io.BytesIO(data), Compression.NONE, len(data)) as plain, pytest.raises(Damaged, match="sha256"):
        list(file_bytes(plain, file, LIMITS))


def sparse_tar(size: int = 1 << 20) -> bytes:
    """As GNU tar writes a file of that size of which two blocks are no holes (PAX, format 1.0)."""
    stored = b"2\n0\n512\n524288\n512\n".ljust(512, b"\0") + b"A" * 512 + b"B" * 512
    info = tarfile.TarInfo("GNUSparseFile.1/image")
    info.size = len(stored)
    info.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "var/image",
        "GNU.sparse.realsize": str(size),
    }
    return tar({"before": b"x"})[:1024] + info.tobuf(tarfile.PAX_FORMAT) + stored + bytes(1024)


def test_the_holes_of_a_sparse_file_are_zeros():
    data = sparse_tar()
    members = members_of(data)
    assert members.offsets[1] == -1
    file = Stored(b"var/image", -1, members.sizes[1], members.sha256s[1])
    expected = (b"A" * 512).ljust(524288, b"\0") + (b"B" * 512).ljust(524288, b"\0")
    with PlainBytes(io.BytesIO(gzip.compress(data)), Compression.GZIP, len(data)) as plain:
        assert b"".join(file_bytes(plain, file, LIMITS)) == expected
        assert file_head(plain, file, 0, 1000, LIMITS) == expected[:1000]
        assert file_head(plain, file, 524_000, 1000, LIMITS) == expected[524_000:525_000]
        elsewhere = Stored(b"no", -1, members.sizes[1], None)
        with pytest.raises(Damaged, match="sparse"):
            list(file_bytes(plain, elsewhere, LIMITS))
        with pytest.raises(Damaged):
            whole_file(plain, elsewhere, LIMITS)


def test_what_lies_behind_a_hole_of_an_exabyte_is_read_at_once():
    data = sparse_tar(1 << 60)
    members = members_of(data)
    file = Stored(b"var/image", -1, members.sizes[1], None)
    assert file.size == 1 << 60
    with PlainBytes(io.BytesIO(data), Compression.NONE, len(data)) as plain:
        assert file_head(plain, file, (1 << 60) - 3, 1000, LIMITS) == bytes(3)
        assert file_head(plain, file, 1 << 59, 1000, LIMITS) == bytes(1000)
        assert file_head(plain, file, 524_290, 1000, LIMITS) == (b"B" * 510).ljust(1000, b"\0")


def test_a_head_is_as_much_as_there_is():
    data = tar({"a": b"hello", "b": File(data=b"")})
    members = members_of(data)
    with PlainBytes(io.BytesIO(data), Compression.NONE, len(data)) as plain:
        file = Stored(b"a", members.offsets[0], 5, members.sha256s[0])
        for start, size, expected in ((0, 2, b"he"), (0, 99, b"hello"), (3, 99, b"lo"), (5, 9, b""), (9, 9, b"")):
            assert file_head(plain, file, start, size, LIMITS) == expected
        assert file_head(plain, Stored(b"b", members.offsets[1], 0, None), 0, 9, LIMITS) == b""


def test_a_device_keeps_its_numbers_in_its_header():
    data = tar({"dev/x": Device(major=8, minor=17, block=True)})
    members = members_of(data)
    assert members.kinds == [Kind.BLOCK]
    with PlainBytes(io.BytesIO(data), Compression.NONE, len(data)) as plain:
        assert device_numbers(plain, members.offsets[0]) == (8, 17)
