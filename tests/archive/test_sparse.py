"""Sparse files in the four ways that GNU tar has written them; a hole is zeros, and is never stored."""

import hashlib
import tracemalloc
from collections.abc import Callable

import pytest

from analyzer.archive import sparse
from analyzer.archive.tarcontent import MAX_HASHED_HOLES
from analyzer.archive.unreadable import Damaged
from analyzer.filetree.entry import Members
from tests.archive.headers import END, codes_of, header, member, members_of, padded, pax, read_tar

Segments = list[tuple[int, bytes]]
Writer = Callable[[bytes, Segments, int], bytes]
SEGMENTS: Segments = [(512, b"abc"), (3000, b"x" * 1000), (9000, b"")]
LENGTH = 9000


def expanded(segments: Segments, length: int) -> bytes:
    content = bytearray(length)
    for offset, data in segments:
        content[offset : offset + len(data)] = data
    return bytes(content)


def stored(segments: Segments) -> bytes:
    return b"".join(data for _, data in segments)


def old_gnu(name: bytes, segments: Segments, length: int) -> bytes:
    fields = [b"%011o\0%011o\0" % (offset, len(data)) for offset, data in segments]
    first, rest = fields[:4], fields[4:]
    tail = bytes(41) + b"".join(first).ljust(96, b"\0") + (b"\1" if rest else b"\0") + b"%011o\0" % length
    blocks = header(name, kind=b"S", size=len(stored(segments)), magic=b"ustar  \0", tail=tail)
    while rest:
        block, rest = rest[:21], rest[21:]
        blocks += (b"".join(block).ljust(504, b"\0") + (b"\1" if rest else b"\0")).ljust(512, b"\0")
    return blocks + padded(stored(segments))


def posix_0_0(name: bytes, segments: Segments, length: int) -> bytes:
    pairs = [(b"GNU.sparse.size", b"%d" % length), (b"GNU.sparse.numblocks", b"%d" % len(segments))]
    for offset, data in segments:
        pairs += [(b"GNU.sparse.offset", b"%d" % offset), (b"GNU.sparse.numbytes", b"%d" % len(data))]
    return pax(*pairs) + member(name, stored(segments))


def posix_0_1(name: bytes, segments: Segments, length: int) -> bytes:
    listed = b",".join(b"%d,%d" % (offset, len(data)) for offset, data in segments)
    pairs = [(b"GNU.sparse.size", b"%d" % length), (b"GNU.sparse.map", listed), (b"GNU.sparse.name", name)]
    return pax(*pairs) + member(b"GNUSparseFile.1/x", stored(segments))


def posix_1_0(name: bytes, segments: Segments, length: int) -> bytes:
    lines = b"%d\n" % len(segments) + b"".join(b"%d\n%d\n" % (offset, len(data)) for offset, data in segments)
    pairs = [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0")]
    pairs += [(b"GNU.sparse.name", name), (b"GNU.sparse.realsize", b"%d" % length)]
    return pax(*pairs) + member(b"GNUSparseFile.1/x", padded(lines) + stored(segments))


FORMATS = [old_gnu, posix_0_0, posix_0_1, posix_1_0]
MANY: Segments = [(ordinal * 1000, b"%03d" % ordinal) for ordinal in range(300)]


@pytest.mark.parametrize("write", FORMATS)
@pytest.mark.parametrize("segments", [SEGMENTS, MANY, [], [(0, b"no hole")]])
def test_a_sparse_file_counts_its_whole_length_and_its_sha256_is_that_of_the_whole(
    write: Writer, segments: Segments
) -> None:
    length = max([LENGTH, *(offset + len(data) for offset, data in segments)])
    members: Members = members_of(write(b"sparse", segments, length) + member(b"after", b"1") + END)
    assert members.paths == [b"sparse", b"after"]
    assert members.sizes == [length, 1]
    assert members.offsets[0] == -1
    assert members.sha256s[0] == hashlib.sha256(expanded(segments, length)).digest()


@pytest.mark.parametrize("write", FORMATS)
def test_a_file_of_holes_beyond_the_limit_is_not_hashed_and_that_is_reported(write: Writer) -> None:
    tracemalloc.start()
    scan = read_tar(write(b"sparse", [(60_000_000_000 - 3, b"end")], 60_000_000_000) + member(b"after") + END)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert scan.members.sizes == [60_000_000_000, 0]
    assert scan.members.sha256s[0] is None
    assert codes_of(scan) == [("warning", "sparse-not-hashed")]
    assert peak < 10 << 20


def test_the_limit_holds_for_the_holes_of_all_files_of_a_layer_together() -> None:
    half = MAX_HASHED_HOLES // 2 + 1
    scan = read_tar(old_gnu(b"a", [], half) + old_gnu(b"b", [], half) + END)
    assert [sha256 is None for sha256 in scan.members.sha256s] == [False, True]


@pytest.mark.parametrize("write", FORMATS)
@pytest.mark.parametrize(
    ("segments", "length", "words"),
    [
        ([(100, b"abc"), (101, b"x")], 1000, "overlap"),
        ([(999, b"abc")], 1000, "does not fit"),
    ],
)
def test_a_map_that_contradicts_itself_is_damage(write: Writer, segments: Segments, length: int, words: str) -> None:
    with pytest.raises(Damaged, match=words):
        read_tar(write(b"sparse", segments, length) + END)


def test_data_that_no_segment_names_is_damage() -> None:
    pairs = [(b"GNU.sparse.size", b"100"), (b"GNU.sparse.map", b"0,2")]
    with pytest.raises(Damaged, match="does not fit"):
        read_tar(pax(*pairs) + member(b"sparse", b"three") + END)


@pytest.mark.parametrize("listed", [b"1,", b"a,b", b"1", b"-1,2", b"9" * 30 + b",1"])
def test_a_map_that_is_no_list_of_numbers_is_damage(listed: bytes) -> None:
    with pytest.raises(Damaged, match="sparse map"):
        read_tar(pax((b"GNU.sparse.size", b"100"), (b"GNU.sparse.map", listed)) + member(b"sparse") + END)


@pytest.mark.parametrize("lines", [b"x\n", b"1" * 600, b"\n\n\n", b"%d\n" % (sparse.MAX_SEGMENTS + 1), b"99\n1\n1\n"])
def test_a_leading_map_that_is_malformed_endless_or_cut_off_is_damage(lines: bytes) -> None:
    pairs = [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.realsize", b"100")]
    with pytest.raises(Damaged):
        read_tar(pax(*pairs) + member(b"sparse", lines) + END)


def test_a_map_without_end_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse, "MAX_SEGMENTS", 1000)
    fields = b"%011o\0%011o\0" % (0, 0)
    block = (fields * 21 + b"\1").ljust(512, b"\0")
    tail = bytes(41) + (fields * 4).ljust(96, b"\0") + b"\1" + b"%011o\0" % 0
    with pytest.raises(Damaged, match="more than 1,000 sparse segments"):
        read_tar(header(b"sparse", kind=b"S", magic=b"ustar  \0", tail=tail) + block * 100)


def test_the_sizes_of_a_layer_add_up_within_64_bits() -> None:
    tail = bytes(41) + bytes(96) + b"\0" + b"\x80\0\0\0" + (1 << 62).to_bytes(8, "big")
    one = header(b"sparse", kind=b"S", magic=b"ustar  \0", tail=tail)
    assert members_of(one + END).sizes == [1 << 62]
    with pytest.raises(Damaged, match="more than 8 EiB"):
        read_tar(one * 2 + END)
