"""Zstandard as a stream of frames and skippable frames (RFC 8878).

The frames are walked here by their headers, so that never more than eight blocks (1 MiB) are inflated at once,
and a stream that is cut off is told from one that is whole. The blocks themselves are the library's business.
"""

from collections.abc import Iterator

import zstandard

from analyzer.archive.unreadable import Damaged

_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"  # after a first byte of 0x50 to 0x5f
_BLOCKS_AT_ONCE = 8
_BLOCK_MAXIMUM = 128 << 10
_RLE, _RESERVED = 1, 3
_CUT_OFF = "The zstd stream is cut off: its end is missing."


def starts_frame(head: bytes) -> bool:
    """Whether a frame or a skippable frame starts with these (at least four) bytes."""
    return head.startswith(_MAGIC) or _starts_skippable(head)


def _starts_skippable(head: bytes) -> bool:
    return len(head) >= 4 and head[0] & 0xF0 == 0x50 and head[1:4] == _SKIPPABLE


class ZstdInflater:
    """What follows a frame must be another frame: every reader of zstd refuses anything else."""

    trailing = 0

    def __init__(self) -> None:
        self._context = zstandard.ZstdDecompressor()
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._checksum = 0  # bytes of it at the end of this frame
        self._skip = 0  # bytes of a skippable frame that are still to come
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        data = self._rest + data if self._rest else data
        start = 0
        while True:
            skipped = min(self._skip, len(data) - start)
            self._skip -= skipped
            start += skipped
            end = self._walk(data, start) if self._frame else self._begin(data, start)
            yield from self._inflate(data[start:end])
            if end == start:
                break
            start = end
        self._rest = data[start:]

    def finish(self) -> Iterator[bytes]:
        if self._frame is not None or self._rest or self._skip:
            raise Damaged(_CUT_OFF)
        return iter(())

    def _begin(self, data: bytes, start: int) -> int:
        """Reads the header of a frame (3.1.1.1, 3.1.2). Returns its end, or `start` if it is not all here."""
        head = data[start : start + 8]
        if len(head) < 8:  # no frame is shorter: a header of 2 bytes or more, a block header of 3
            if len(head) >= 4 and not starts_frame(head):
                raise Damaged("Bytes that are no zstd frame follow the end of a zstd frame.")
            return start
        if _starts_skippable(head):
            self._skip = int.from_bytes(head[4:8], "little")
            return start + 8
        if not head.startswith(_MAGIC):
            raise Damaged("Bytes that are no zstd frame follow the end of a zstd frame.")
        descriptor = head[4]
        single_segment = descriptor >> 5 & 1
        content_size = (single_segment, 2, 4, 8)[descriptor >> 6]
        end = start + 5 + (1 - single_segment) + (0, 1, 2, 4)[descriptor & 3] + content_size
        if end > len(data):
            return start
        self._frame = self._context.decompressobj()
        self._checksum = 4 if descriptor >> 2 & 1 else 0
        return end

    def _walk(self, data: bytes, start: int) -> int:
        """The end of the whole blocks (3.1.1.2) from `start` on, of eight at most, with the checksum after the last."""
        position = start
        for _ in range(_BLOCKS_AT_ONCE):
            header = int.from_bytes(data[position : position + 3], "little")
            last, kind, size = header & 1, header >> 1 & 3, header >> 3
            end = position + 3 + (1 if kind == _RLE else size) + (self._checksum if last else 0)
            if position + 3 > len(data):
                break
            if kind == _RESERVED or size > _BLOCK_MAXIMUM:
                raise Damaged("The zstd stream is corrupt: a block of it has an invalid header.")
            if end > len(data):
                break
            position = end
            if last:
                break
        return position

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        if not data or self._frame is None:
            return
        try:
            plain = self._frame.decompress(data)
        except zstandard.ZstdError as error:
            raise Damaged(f"The zstd stream is corrupt: {error}.") from error
        if self._frame.eof:
            self._frame = None
        if plain:
            yield plain
