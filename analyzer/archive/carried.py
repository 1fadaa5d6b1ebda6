"""A blob's bytes as they are carried: read once, in order, counted and hashed on the way."""

from collections.abc import Generator
from io import FileIO
from types import TracebackType
from typing import Self

from analyzer.archive.hashing import Hasher, new_sha256, sha256_text
from analyzer.archive.source import BlobRef

BLOCK_BYTES = 1 << 20


class CarriedBytes:
    """A context manager. After it `digest` is the sha256 of the bytes read.

    `read` is how many came so far: fewer than the blob's length in the end if the file is cut off.
    """

    def __init__(self, blob: BlobRef, hasher: Hasher) -> None:
        """Raises OSError."""
        self.length = blob.length
        self.read = 0
        self._offset = blob.offset
        self._hasher = hasher
        self._sha256 = new_sha256()
        self._file = FileIO(blob.path)
        self._file.seek(blob.offset)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def peek(self, size: int) -> bytes:
        """The first bytes of the blob, before any other is read."""
        head = self._file.read(min(size, self.length)) or b""
        self._file.seek(self._offset)
        return head

    def blocks(self, size: int = BLOCK_BYTES) -> Generator[bytes, None, None]:
        """What was not read yet, in blocks of `size` bytes. Raises OSError."""
        while block := self._file.read(min(size, self.length - self.read)):
            self._hasher.update(self._sha256, block)
            self.read += len(block)
            yield block

    def read_to_end(self) -> None:
        for _ in self.blocks():
            pass

    @property
    def is_whole(self) -> bool:
        return self.read == self.length

    @property
    def digest(self) -> str:
        """The sha256 of the bytes read; to be asked when the hasher has ended."""
        return sha256_text(self._sha256)
