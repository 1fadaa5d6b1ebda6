"""An object of a bucket as a file that is read: by ranges, so that a jump costs one request and no more bytes."""

import errno
import io
from typing import Any

from analyzer.blobstore.bucket import Bucket, client_of, told_as_oserror

FIRST = 256 << 10
MOST = 8 << 20
TRIES = 3


class ObjectReader(io.RawIOBase):
    """Reads the object `key` of `size` bytes. What is read on end comes in ranges that grow from 256 KiB to 8 MiB.

    Memory stays at one range. Raises FileNotFoundError at a read where the object was deleted meanwhile, OSError.
    """

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        super().__init__()
        self._bucket = bucket
        self._key = key
        self._size = size
        self._at = 0
        self._start = 0  # where what was fetched lies in the object
        self._fetched = b""
        self._next = FIRST

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "before the start of the object", self._key)
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        if not len(view) or self._at >= self._size:
            return 0
        if not self._start <= self._at < self._start + len(self._fetched):
            self._fetch(len(view))
        begin = self._at - self._start
        part = self._fetched[begin : begin + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def read(self, size: int | None = -1) -> bytes:
        """As a buffered file: fewer bytes than `size` only at the end."""
        size = self._size - self._at if size is None or size < 0 else min(size, self._size - self._at)
        data = bytearray(max(size, 0))
        view, got = memoryview(data), 0
        while got < len(data):
            got += self.readinto(view[got:])
        return bytes(data)

    def _fetch(self, wanted: int) -> None:
        on_end = self._at == self._start + len(self._fetched)
        self._next = min(2 * self._next, MOST) if on_end and self._fetched else FIRST
        length = min(max(self._next, min(wanted, MOST)), self._size - self._at)
        for left in reversed(range(TRIES)):
            try:
                self._fetched, self._start = self._range(self._at, length), self._at
                return
            except FileNotFoundError:
                raise
            except OSError:
                if not left:
                    raise

    def _range(self, start: int, length: int) -> bytes:
        with told_as_oserror(self._key):
            answer = client_of(self._bucket).get_object(
                Bucket=self._bucket.name, Key=self._key, Range=f"bytes={start}-{start + length - 1}"
            )
            data: bytes = answer["Body"].read()
        if len(data) != length:
            raise OSError(errno.EIO, f"{len(data)} bytes came of {length}", self._key)
        return data
