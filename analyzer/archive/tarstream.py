"""The bytes of a tar as they come, block after block; what lies across blocks is put together here."""

from collections.abc import Callable, Iterator

from analyzer.archive.tarheader import BLOCK
from analyzer.archive.unreadable import Damaged

_HEAD = 2048


class CutOff(Damaged):
    """The tar ends where more of it must stand."""


class TarStream:
    """`block[position:]` is what comes next; `position` beyond the block means that so much more is to be skipped."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.block = b""
        self.position = 0
        self.start = 0  # of the block, in the tar
        self.head = b""  # its first bytes

    @property
    def offset(self) -> int:
        """Bytes of the tar that lie before the position."""
        return self.start + self.position

    def _next_block(self) -> bool:
        self.position -= len(self.block)
        self.start += len(self.block)
        self.block = next(self._blocks, b"")
        self.head = self.head or self.block[:_HEAD]
        return bool(self.block)

    def header(self) -> bytes | None:
        """The next 512 bytes; None where the tar ends before them. Raises CutOff if it ends within them."""
        self._skip_to_position("the padding of an entry")
        header = self.block[self.position : self.position + BLOCK]
        self.position += len(header)
        while len(header) < BLOCK:
            if not self._next_block():
                if not header:
                    return None
                raise self._cut_off("a header")
            more = self.block[: BLOCK - len(header)]
            self.position = len(more)
            header += more
        return header

    def read(self, size: int, what: str) -> bytes:
        """`size` bytes and their padding passed. Raises CutOff if the tar ends before."""
        parts: list[bytes] = []
        self.pass_on(size, lambda part: parts.append(bytes(part)), what)
        self.pad(size)
        return b"".join(parts)

    def pass_on(self, size: int, sink: Callable[[memoryview], object], what: str) -> None:
        """The next `size` bytes go to `sink`, in parts. Raises CutOff if the tar ends before."""
        self._skip_to_position(what)
        while size:
            part = memoryview(self.block)[self.position : self.position + size]
            if part:
                sink(part)
                size -= len(part)
                self.position += len(part)
            elif not self._next_block():
                raise self._cut_off(what)

    def skip(self, size: int) -> None:
        """Moves on; whether so much is there shows at the next read."""
        self.position += size

    def pad(self, size: int) -> None:
        """Moves over the padding that follows `size` bytes of data."""
        self.position += -size % BLOCK

    def drain(self) -> int:
        """Reads all that is left. How many bytes of it stand from the first that is not zero on."""
        beyond = 0
        self._skip_to_position("the padding of an entry")
        rest = self.block[self.position :]
        while rest or self._next_block():
            rest = rest or self.block
            beyond += len(rest) if beyond else len(rest.lstrip(b"\0"))
            self.position, rest = len(self.block), b""
        return beyond

    def _skip_to_position(self, what: str) -> None:
        while self.position > len(self.block):
            if not self._next_block():
                raise self._cut_off(what)

    def _cut_off(self, what: str) -> CutOff:
        return CutOff(f"The layer's tar is cut off in the middle of {what}, at byte {self.start:,}.")
