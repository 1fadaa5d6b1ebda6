"""How bytes are compressed: known by the bytes themselves, never by a label; inflated as a stream."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Protocol

from analyzer.archive.gzipstream import GzipInflater
from analyzer.archive.zstdstream import ZstdInflater, starts_frame

DETECTION_BYTES = 4
"""So many bytes tell one compression from another."""


class Compression(StrEnum):
    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


class Inflater(Protocol):
    """Undoes one compression. Memory stays bounded, whatever the bytes claim."""

    trailing: int
    """Bytes after the end of the compressed stream that are not zero padding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The plain bytes that `data` continues with, in blocks of 1 MiB at most. Raises Damaged."""

    def finish(self) -> Iterator[bytes]:
        """What is left when no more data comes. Raises Damaged if the stream is cut off."""


class _Plain:
    trailing = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> Iterator[bytes]:
        return iter(())


_INFLATERS: dict[Compression, type[Inflater]] = {
    Compression.NONE: _Plain,
    Compression.GZIP: GzipInflater,
    Compression.ZSTD: ZstdInflater,
}


def detect(head: bytes) -> Compression:
    """The compression of a stream by its first bytes (RFC 1952 2.3.1, RFC 8878 3.1); DETECTION_BYTES are enough."""
    if head.startswith(b"\x1f\x8b"):
        return Compression.GZIP
    return Compression.ZSTD if starts_frame(head) else Compression.NONE


def inflater(compression: Compression) -> Inflater:
    return _INFLATERS[compression]()


def inflate(blocks: Iterable[bytes], how: Inflater) -> Iterator[bytes]:
    """The plain bytes of a stream that comes in blocks of any size, in blocks of 1 MiB at most.

    Raises Damaged where the stream is corrupt or cut off. What is no part of the stream is counted in `how.trailing`.
    """
    for block in blocks:
        yield from how.feed(block)
    yield from how.finish()
