"""A layer's tar that is made while it is read: it lies nowhere as a whole."""

import io
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator

from analyzer.archive.source import BlobRef
from analyzer.archive.unreadable import Damaged
from analyzer.oci.findings import escape

BLOCK = 1 << 20


class Made(ABC, BlobRef):
    """Bytes that come of several files. `path` names what they come of, `length` is known beforehand."""

    __slots__ = ()

    @abstractmethod
    def blocks(self) -> Iterator[bytes]:
        """The bytes in order, in blocks of any size. Raises Damaged, OSError."""

    def open(self) -> io.RawIOBase:
        return _Stream(self.blocks())


class _Stream(io.RawIOBase):
    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """Exactly `size` bytes but at the end: what follows works in large blocks."""
        parts, wanted = [self._rest], size - len(self._rest)
        while wanted > 0 and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            wanted -= len(block)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]


def file_blocks(file: int, size: int, path: bytes) -> Iterator[bytes]:
    """`size` bytes of an open file, which is closed. Raises Damaged where it has another size, OSError."""
    with open(file, "rb", buffering=0) as opened:
        there = os.fstat(file).st_size
        if there != size:
            raise Damaged(f"The file {escape(path)} has {there:,} bytes on the disk, and had {size:,} in the layer.")
        left = size
        while left:
            block = opened.read(min(left, BLOCK))
            if not block:
                raise Damaged(f"The file {escape(path)} became shorter while it was read.")
            left -= len(block)
            yield block
