"""gzip as a stream of members (RFC 1952), each checked against its CRC-32 and its length."""

from collections.abc import Iterator
from typing import Any, Self

from analyzer.archive import deflate
from analyzer.archive.unreadable import Damaged

_BLOCK = 1 << 20
_MAGIC = b"\x1f\x8b\x08"


class GzipInflater:
    """Members follow each other directly or after zero padding; anything else after a member is trailing."""

    def __init__(self) -> None:
        self.trailing = 0
        self._member: Any = deflate.decompressor()
        self._between = b""  # too few bytes after a member to know what they are

    @classmethod
    def after_member(cls) -> Self:
        """For what comes after a member that was inflated elsewhere."""
        inflater = cls()
        inflater._member = None
        return inflater

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member is None and not (data := self._next_member(data)):
                return
            plain = self._decompress(data)
            if plain:
                yield plain
            if self._member.eof:
                data = self._member.unused_data
                self._member = None
            else:
                data = self._member.unconsumed_tail

    def finish(self) -> Iterator[bytes]:
        while self._member is not None:
            plain = self._decompress(b"")
            if plain:
                yield plain
            if self._member.eof:
                self._member = None
            elif not plain:
                raise Damaged("The gzip stream is cut off: its end is missing.")
        self.trailing += len(self._between)

    def _decompress(self, data: bytes) -> bytes:
        try:
            plain: bytes = self._member.decompress(data, _BLOCK)
        except deflate.ERRORS as error:
            raise Damaged(f"The gzip stream is corrupt: {error}.") from error
        return plain

    def _next_member(self, data: bytes) -> bytes:
        """What of `data` belongs to another member, which is begun; or nothing."""
        if self.trailing:
            self.trailing += len(data)
            return b""
        data = (self._between + data).lstrip(b"\0")
        self._between = b""
        if data.startswith(_MAGIC):
            self._member = deflate.decompressor()
            return data
        if _MAGIC.startswith(data):
            self._between = data
        else:
            self.trailing = len(data)
        return b""
