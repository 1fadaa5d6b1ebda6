"""A blob's bytes as they are carried: read once, in order, counted and hashed on the way."""

from collections.abc import Generator
from types import TracebackType
from typing import Self

from analyzer.archive.hashing import Hasher, new_sha256, sha256_text
from analyzer.archive.source import BlobRef
from analyzer.archive.unreadable import Unreadable

_REST_BLOCK = 1 << 20


class CarriedBytes:
    """A context manager. `read` is how many bytes came so far; fewer than the blob's length if the file is cut off."""

    def __init__(self, blob: BlobRef, hasher: Hasher) -> None:
        """Raises OSError."""
        self.read = 0
        self.broken = False  # what makes the bytes said itself why there are no more
        self._length = blob.length
        self._hasher = hasher
        self._sha256 = new_sha256()
        self._file = blob.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def blocks(self, size: int) -> Generator[bytes, None, None]:
        """What was not read yet, in blocks of `size` bytes. Raises OSError, and Unreadable where the bytes are made."""
        while block := self._next(min(size, self._length - self.read)):
            self._hasher.update(self._sha256, block)
            self.read += len(block)
            yield block

    def _next(self, size: int) -> bytes:
        try:
            return self._file.read(size) or b""
        except Unreadable:
            self.broken = True
            raise

    def read_to_end(self) -> None:
        """For the digest of a blob that is of no other use. Raises OSError."""
        for _ in self.blocks(_REST_BLOCK):
            pass

    @property
    def digest(self) -> str:
        """The sha256 of the bytes read; to be asked when the hasher has ended."""
        return sha256_text(self._sha256)


def head_of(blob: BlobRef, size: int) -> bytes:
    """The first `size` bytes of a blob, or all if it is shorter. Raises OSError."""
    with blob.open() as file:
        return file.read(min(size, blob.length)) or b""
