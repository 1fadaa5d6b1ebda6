"""Any bytes of a layer's plain tar, read out of a blob that carries it, without inflating more than need be."""

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import BinaryIO, Self

from analyzer.archive.compression import Compression, inflate, inflater
from analyzer.archive.deflatestart import inflate_from
from analyzer.archive.seekpoints import SeekPoint
from analyzer.archive.unreadable import Damaged
from analyzer.archive.zstdframes import nearest_frame

BLOCK = 1 << 20
_FIRST_BLOCK = 64 << 10  # carried bytes: a small file needs no more; what follows is read in larger ones
_NEAR = 2 << 20  # plain bytes that are sooner inflated and passed over than jumped across

PointFor = Callable[[int], SeekPoint | None]
"""Gives the seek point to begin at for a plain offset; None: there is none, begin at the start."""


class PlainBytes:
    """A context manager over an open blob, which it closes. Reads forward cheaply, and jumps where that is cheaper.

    Memory stays at a few blocks of 1 MiB. Not for several threads at once.
    """

    def __init__(
        self, blob: BinaryIO, compression: Compression, size: int, point_for: PointFor = lambda _: None
    ) -> None:
        """`size`: bytes of the plain tar."""
        self._blob = blob
        self._compression = compression
        self._size = size
        self._point_for = point_for
        self._blocks: Iterator[bytes] = iter(())
        self._block = memoryview(b"")  # what was inflated and not given out yet
        self._position = -1  # plain offset of its first byte; -1: nothing is begun

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._blob.close()

    def read(self, offset: int, size: int) -> Iterator[bytes]:
        """`size` bytes from `offset` on, in blocks of 1 MiB at most. Raises Damaged, OSError."""
        if not 0 <= offset <= offset + size <= self._size:
            raise Damaged(f"The layer's tar has {self._size:,} bytes; {size:,} at {offset:,} were asked for.")
        if self._compression is Compression.NONE:
            yield from self._seek_and_read(offset, size)
            return
        if size and not 0 <= self._position <= offset <= self._position + len(self._block) + _NEAR:
            self._jump(offset)
        while size:
            skipped = min(offset - self._position, len(self._block))
            self._take(skipped)
            if self._position == offset and self._block:
                part = self._take(min(size, len(self._block)))
                offset += len(part)
                size -= len(part)
                yield bytes(part)
            elif not self._block:
                self._next_block()

    def piece(self, offset: int, size: int) -> bytes:
        """The same in one piece: quick where it lies in what was inflated last. Raises as `read` does."""
        start = offset - self._position
        end = start + size
        if start < 0 or end > len(self._block) or offset + size > self._size:
            return b"".join(self.read(offset, size))
        data = bytes(self._block[start:end])
        self._block = self._block[end:]
        self._position = offset + size
        return data

    def all(self) -> Iterator[bytes]:
        """The whole tar. Raises as `read` does."""
        return self.read(0, self._size)

    def _seek_and_read(self, offset: int, size: int) -> Iterator[bytes]:
        self._blob.seek(offset)
        while size:
            block = self._blob.read(min(size, BLOCK))
            if not block:
                raise _cut_off()
            size -= len(block)
            yield block

    def _take(self, size: int) -> memoryview:
        part, self._block = self._block[:size], self._block[size:]
        self._position += size
        return part

    def _next_block(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self._position = -1
            raise _cut_off()
        self._block = memoryview(block)

    def _jump(self, offset: int) -> None:
        """Begins anew at the nearest place before `offset`."""
        carried = self._position = 0
        if self._compression is Compression.GZIP and (point := self._point_for(offset)) is not None:
            self._blob.seek(max(point.carried - 1, 0))
            before = self._blob.read(1)[0] if point.carried else 0
            self._blocks, self._position = inflate_from(self._carried(), before, point), point.plain
        else:
            if self._compression is Compression.ZSTD:
                carried, self._position = nearest_frame(self._blob, offset)
            self._blob.seek(carried)
            self._blocks = inflate(self._carried(), inflater(self._compression))
        self._block = memoryview(b"")

    def _carried(self) -> Iterator[bytes]:
        size = _FIRST_BLOCK
        while block := self._blob.read(size):
            yield block
            size = min(2 * size, BLOCK)


def _cut_off() -> Damaged:
    return Damaged("The bytes of the layer end early.")
