import gzip
import io
import random
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.archive import deflate
from analyzer.archive.compression import Compression, detect, inflate, inflater
from analyzer.archive.unreadable import Damaged
from tests.archive.headers import cut

MIB = 1 << 20
SKIPPABLE = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
NOISE = random.Random(7).randbytes(3 * MIB)


def plain_of(data: bytes, sizes: list[int] | None = None) -> tuple[bytes, int]:
    """The plain bytes, and how many bytes trail."""
    undo = inflater(detect(data[:4]))
    return b"".join(inflate(cut(data, sizes or [65536] * (len(data) // 65536)), undo)), undo.trailing


@pytest.fixture(params=["the fastest library", "the standard library"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "the standard library":
        monkeypatch.setattr(deflate, "_library", zlib)


@pytest.mark.parametrize(
    ("head", "compression"),
    [
        (b"\x1f\x8b\x08\x00", Compression.GZIP),
        (b"\x28\xb5\x2f\xfd", Compression.ZSTD),
        (b"\x50\x2a\x4d\x18", Compression.ZSTD),
        (b"\x5f\x2a\x4d\x18", Compression.ZSTD),
        (b"\x60\x2a\x4d\x18", Compression.NONE),
        (b"BZh9", Compression.NONE),
        (b"etc/", Compression.NONE),
        (b"", Compression.NONE),
    ],
)
def test_a_compression_is_known_by_its_first_bytes(head: bytes, compression: Compression) -> None:
    assert detect(head) is compression


def test_plain_bytes_pass_as_they_are() -> None:
    assert plain_of(b"etc/passwd" * 1000) == (b"etc/passwd" * 1000, 0)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])
@pytest.mark.parametrize("text", [b"\0", b"layer"])
def test_gzip_gives_back_what_went_in_whatever_its_length(size: int, text: bytes) -> None:
    plain = (text * size)[:size]
    assert plain_of(gzip.compress(plain, 6)) == (plain, 0)


@pytest.mark.usefixtures("library")
def test_members_follow_each_other_directly_or_after_zeros() -> None:
    data = gzip.compress(b"one") + gzip.compress(b"") + bytes(700) + gzip.compress(b"two") + bytes(1000)
    assert plain_of(data) == (b"onetwo", 0)
    assert plain_of(data, [1] * len(data)) == (b"onetwo", 0)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("tail", [b"junk", b"\x1f", b"\x1f\x8b", b"\x1f\x8bx", b"\0\0junk\0"])
def test_what_follows_the_last_member_and_is_no_member_is_counted(tail: bytes) -> None:
    data = gzip.compress(b"one") + tail
    for sizes in ([len(data)], [1] * len(data)):
        plain, trailing = plain_of(data, sizes)
        assert plain == b"one"
        assert trailing == len(tail.lstrip(b"\0"))


@pytest.mark.usefixtures("library")
def test_a_gzip_stream_that_is_cut_off_anywhere_is_damaged() -> None:
    data = gzip.compress(b"one" * 100) + gzip.compress(b"two" * 100)
    first = len(gzip.compress(b"one" * 100))
    for end in [*range(4, first), *range(first + 3, len(data))]:
        with pytest.raises(Damaged, match="cut off"):
            plain_of(data[:end])


@pytest.mark.usefixtures("library")
def test_a_gzip_stream_with_a_wrong_bit_is_damaged() -> None:
    data = bytearray(gzip.compress(NOISE[:1000]))
    for position in (30, 500, len(data) - 6, len(data) - 2):
        wrong = bytes(data[:position]) + bytes([data[position] ^ 4]) + bytes(data[position + 1 :])
        with pytest.raises(Damaged):
            plain_of(wrong)


def test_zstd_frames_of_every_kind_give_back_what_went_in() -> None:
    sized = zstandard.ZstdCompressor().compress(b"sized" * 1000)
    checked = zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compress(NOISE)
    stream = zstandard.ZstdCompressor(level=1).compressobj()
    streamed = stream.compress(b"\0" * 5 * MIB) + stream.flush()
    data = SKIPPABLE + sized + SKIPPABLE + checked + streamed + zstandard.ZstdCompressor().compress(b"") + SKIPPABLE
    expected = b"sized" * 1000 + NOISE + b"\0" * 5 * MIB
    assert plain_of(data) == (expected, 0)
    assert plain_of(data, [1] * 400 + [1000] * 100) == (expected, 0)


def test_a_zstd_stream_that_is_cut_off_anywhere_is_damaged() -> None:
    first = zstandard.ZstdCompressor(write_checksum=True).compress(b"one" * 100)
    data = first + SKIPPABLE
    for end in range(4, len(data)):
        if end != len(first):
            with pytest.raises(Damaged, match="cut off"):
                plain_of(data[:end])


def test_what_is_no_frame_after_a_zstd_frame_is_damage_as_for_every_reader() -> None:
    frame = zstandard.ZstdCompressor().compress(b"one")
    for tail in (b"junk", b"junk and more", bytes(512)):
        with pytest.raises(Damaged, match="no zstd frame"):
            plain_of(frame + tail)


def test_a_zstd_stream_with_a_wrong_bit_is_damaged() -> None:
    data = zstandard.ZstdCompressor(write_checksum=True).compress(NOISE[:1000])
    for position in (12, 500, len(data) - 2):
        with pytest.raises(Damaged):
            plain_of(data[:position] + bytes([data[position] ^ 4]) + data[position + 1 :])


def test_a_reserved_or_oversized_zstd_block_is_damaged() -> None:
    frame_header = b"\x28\xb5\x2f\xfd\x00\x58"
    for block in (0b111, (1 << 20) << 3 | 1):
        with pytest.raises(Damaged, match="invalid header"):
            plain_of(frame_header + block.to_bytes(3, "little") + bytes(100))


def bomb(compression: Compression) -> bytes:
    """Few bytes that become 256 MiB, in one stream."""
    zeros = bytes(MIB)
    compressor = (
        zlib.compressobj(9, wbits=31) if compression is Compression.GZIP else zstandard.ZstdCompressor().compressobj()
    )
    return b"".join([*(compressor.compress(zeros) for _ in range(256)), compressor.flush()])


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("compression", [Compression.GZIP, Compression.ZSTD])
def test_a_bomb_comes_out_in_small_blocks(compression: Compression) -> None:
    data = bomb(compression)
    tracemalloc.start()
    try:
        sizes = [len(block) for block in inflate(cut(data, [MIB] * 8), inflater(compression))]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) == 256 * MIB
    assert max(sizes) <= MIB
    assert peak < 16 * MIB


@st.composite
def streams(draw: st.DrawFn) -> tuple[Compression, bytes, bytes, list[int]]:
    """A compression, plain bytes, the same compressed in several parts, and how the stream is cut into blocks."""
    compression = draw(st.sampled_from([Compression.GZIP, Compression.ZSTD]))
    parts = draw(st.lists(st.binary(max_size=3000), min_size=1, max_size=4))
    level = draw(st.integers(1, 9))
    out = io.BytesIO()
    for part in parts:
        out.write(gzip.compress(part, level) if compression is Compression.GZIP else zstandard.compress(part, level))
    sizes = draw(st.lists(st.integers(1, 500), max_size=40))
    return compression, b"".join(parts), out.getvalue(), sizes


@given(streams())
@settings(deadline=None)
def test_however_a_stream_is_cut_into_blocks_its_plain_bytes_are_the_same(
    stream: tuple[Compression, bytes, bytes, list[int]],
) -> None:
    compression, plain, data, sizes = stream
    assert b"".join(inflate(cut(data, sizes), inflater(compression))) == plain


def test_blocks_are_asked_for_one_at_a_time() -> None:
    asked: list[int] = []

    def blocks() -> Iterator[bytes]:
        for ordinal in range(10):
            asked.append(ordinal)
            yield gzip.compress(b"part")

    plain = inflate(blocks(), inflater(Compression.GZIP))
    assert next(plain) == b"part"
    assert len(asked) <= 2
