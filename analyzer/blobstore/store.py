"""What a blob store promises, wherever it keeps its bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

PARTS = 256


@dataclass(frozen=True, slots=True)
class Found:
    """Something that lies in the store. `digest` is None where its name or place is none that the store gives."""

    name: str  # relative to the store
    digest: str | None
    size: int  # bytes
    written: float  # seconds since 1970
    is_file: bool  # a link or a folder never stands for a blob


class BlobMismatch(Exception):
    """The bytes that were brought are not those of the digest; nothing was stored."""


class BlobStore(Protocol):
    """Bytes by their sha256. All digests are `sha256:` and 64 hexadecimal digits (image-spec descriptor.md).

    An implementation SHALL
    - store a blob whole or not at all, whatever dies while it is written;
    - verify the digest of what it has written before the blob can be seen under that digest;
    - take the same blob any number of times, from several processes at once, with the same outcome.
    """

    def put(self, digest: str, path: Path, offset: int, length: int) -> bool:
        """Copies `length` bytes at `offset` of the file `path`. True if they are new here.

        Raises BlobMismatch when they have another digest or the file is shorter, OSError when they can't be written.
        """

    def adopt(self, digest: str, path: Path) -> bool:
        """Takes in the whole file `path`, which nobody writes to any more, without a copy where that can be.

        It keeps its name there, which is one more for the same bytes. True if they are new here. Raises as `put`.
        """

    def shares(self, digest: str, path: Path) -> bool:
        """Whether the blob is stored and the file `path` is another name for its bytes."""

    def open(self, digest: str) -> BinaryIO:
        """The blob's bytes, to be closed by the caller. Raises FileNotFoundError.

        When it is deleted meanwhile they stay readable, or a read raises FileNotFoundError.
        """

    def has(self, digest: str) -> bool:
        """Whether the blob is stored."""

    def size(self, digest: str) -> int:
        """Bytes of the blob. Raises FileNotFoundError."""

    def delete(self, digest: str) -> int:
        """Removes the blob, or a link in its place; returns the bytes that this freed, 0 if nothing was there."""

    def part(self, number: int, older_than: float) -> Iterator[str]:
        """The digests of one of PARTS parts of the store, by `number`, unwritten for `older_than` seconds."""

    def found(self) -> Iterator[Found]:
        """All that lies in the store, drafts of writers aside, in no order. Links are not followed."""

    def sweep(self, older_than: float) -> int:
        """Removes what writers that died left half-written, `older_than` seconds ago at least; returns its bytes."""
