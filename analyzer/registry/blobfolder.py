"""The folder that blobs grow in: what has come of one is there for whoever goes on with it."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from analyzer.archive.room import Room
from analyzer.oci.digest import parse_digest


class BlobFolder:
    """Whole blobs as `<hex>`, growing ones as `<hex>.part`. Several processes may use it.

    `reserve`: bytes of the disk that must stay free.
    """

    def __init__(self, folder: Path, reserve: int = 0) -> None:
        self.folder = folder
        self.room = Room(folder, reserve)

    def whole(self, digest: str) -> Path:
        return self.folder / parse_digest(digest).partition(":")[2]

    def arrived(self, digest: str) -> int:
        """Bytes of the blob that are here."""
        for path in (self.whole(digest), self.whole(digest).with_suffix(".part")):
            with suppress(FileNotFoundError):
                return path.stat().st_size
        return 0

    @contextmanager
    def growing(self, digest: str, tick: Callable[[], None]) -> Iterator[FileIO | None]:
        """The part file, ours alone; None if another made it whole meanwhile. `tick` is called while one waits."""
        path = self.whole(digest).with_suffix(".part")
        while True:
            with path.open("ab+", buffering=0) as file:
                _lock(file, tick)
                if self.whole(digest).exists():
                    yield None
                    return
                if _is(path, file):  # else another has renamed or removed it
                    yield file
                    return


def _is(path: Path, file: FileIO) -> bool:
    """Whether the file still has that name: it may have others, in the blob store."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _lock(file: FileIO, tick: Callable[[], None]) -> None:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        tick()
        time.sleep(0.2)
