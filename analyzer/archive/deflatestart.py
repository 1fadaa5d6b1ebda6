"""Inflating a gzip stream from a seek point on, at whatever bit of a byte it lies.

zlib can be told of the bits of a byte that was only begun, its Python forms can't. So they are fed a few blocks without
content first (RFC 1951 3.2.3), which are as many bits long as the stream's own bits need to stand where they stood.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from analyzer.archive import deflate
from analyzer.archive.gzipstream import GzipInflater
from analyzer.archive.seekpoints import SeekPoint
from analyzer.archive.unreadable import Damaged

_BLOCK = 1 << 20
_TRAILER = 8  # CRC-32 and length (RFC 1952 2.3.1)
_FIXED = "0100000000"  # not the last block, fixed codes, end of block: ten bits in the order of the stream
_DYNAMIC = (
    "001"  # not the last block, dynamic codes; numbers are low bit first
    "00000" "10000" "1111"  # 257 literals and lengths, 2 distances, 19 code lengths:
    + "000" * 2 + "100" + "000" * 14 + "100" + "000"  # codes of one bit for 18 (1) and for 1 (0)
    + "0" "1" "1111111" "1" "0101011" "0"  # length 1 for literal 0, 138 and 117 zeros, 1 for the end of block
    + "0" "0"  # length 1 for both distances
    + "1"  # end of block
)  # 95 bits  # fmt: skip


def inflate_from(carried: Iterable[bytes], before: int, point: SeekPoint) -> Iterator[bytes]:
    """The plain bytes from the point on, in blocks of 1 MiB at most, through all members that follow.

    `carried` are the blob's bytes from `point.carried` on, in blocks of any size; `before` the byte that lies before
    them. Raises Damaged.
    """
    member: Any = deflate.raw_decompressor(point.window)
    rest = GzipInflater.after_member()
    left = 0  # bytes of the member's trailer to pass over
    if point.bits:
        _decompress(member, _aligned(before, point.bits))
    for data in carried:
        while data and member is not None:
            plain = _decompress(member, data)
            if plain:
                yield plain
            data = member.unused_data if member.eof else member.unconsumed_tail
            if member.eof:
                member, left = None, _TRAILER
        skipped = min(left, len(data))
        left -= skipped
        if member is None and data[skipped:]:
            yield from rest.feed(data[skipped:])
    while member is not None and not member.eof and (plain := _decompress(member, b"")):
        yield plain
    if member is not None and not member.eof:
        raise Damaged("The gzip stream is cut off: its end is missing.")
    yield from rest.finish()


def _decompress(member: Any, data: bytes) -> bytes:
    try:
        plain: bytes = member.decompress(data, _BLOCK)
    except deflate.ERRORS as error:
        raise Damaged(f"The gzip stream is corrupt: {error}.") from error
    return plain


def _aligned(byte: int, bits: int) -> bytes:
    """Blocks without content, and after them the `bits` high bits of `byte`, in whole bytes."""
    odd = bits % 2
    blocks = _DYNAMIC if odd else ""
    while (len(blocks) + bits) % 8:
        blocks += _FIXED
    own = format(byte, "08b")[::-1][8 - bits :]
    stream = blocks + own
    return bytes(int(stream[at : at + 8][::-1], 2) for at in range(0, len(stream), 8))
