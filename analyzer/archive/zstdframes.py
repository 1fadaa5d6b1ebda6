"""Which frame of a zstd blob holds a plain offset, told by the headers of its frames and blocks alone (RFC 8878)."""

from typing import BinaryIO

_MAGIC = b"\x28\xb5\x2f\xfd"
_LONGEST_HEADER = 18
_RLE = 1


def nearest_frame(blob: BinaryIO, offset: int) -> tuple[int, int]:
    """Where to begin for the plain `offset`: the blob's offset of a frame, and the plain one of its first byte.

    A frame need not say how long its content is: then it is the last that can be told. Most layers are one frame;
    those made for pulling in parts (zstd:chunked, eStargz) have one a file. Raises OSError.
    """
    at = plain = 0
    best = (0, 0)
    while True:
        blob.seek(at)
        head = blob.read(_LONGEST_HEADER)
        if len(head) >= 8 and head[0] & 0xF0 == 0x50 and head[1:4] == b"\x2a\x4d\x18":
            at += 8 + int.from_bytes(head[4:8], "little")
            continue
        if not head.startswith(_MAGIC) or len(head) < 6:
            return best
        best = (at, plain)
        size, header = _content_size(head)
        if size is None or plain + size > offset:
            return best
        plain += size
        end = _frame_end(blob, at + header, head[4] >> 2 & 1)
        if end is None:
            return best
        at = end


def _content_size(head: bytes) -> tuple[int | None, int]:
    """The content's size where the frame's header says it, and the header's length with the magic number (3.1.1.1)."""
    descriptor = head[4]
    single = descriptor >> 5 & 1
    width = (single, 2, 4, 8)[descriptor >> 6]
    start = 5 + (1 - single) + (0, 1, 2, 4)[descriptor & 3]
    if not width:
        return None, start
    return int.from_bytes(head[start : start + width], "little") + (256 if width == 2 else 0), start + width


def _frame_end(blob: BinaryIO, at: int, checksum: int) -> int | None:
    """The end of a frame whose blocks begin at `at`; None where the blob ends before."""
    while True:
        blob.seek(at)
        head = blob.read(3)
        if len(head) < 3:
            return None
        block = int.from_bytes(head, "little")
        at += 3 + (1 if block >> 1 & 3 == _RLE else block >> 3)
        if block & 1:
            return at + 4 * checksum
