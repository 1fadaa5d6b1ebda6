"""Files on their way in. They lie on the blob store's filesystem, so that taking one in is a rename.

The truth about how far a file has come is the file: its length after an fsync. Nothing else has to be kept in step
with it, so a process may be killed at any moment.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from analyzer.blobstore.filesystem import fsync_folder, write_all


class Gone(Exception):
    """There is no such part file: it was finished, given up or has expired."""


class WrongOffset(Exception):
    """The part file ends elsewhere: at `length`."""

    def __init__(self, length: int) -> None:
        super().__init__(f"the file ends at {length}")
        self.length = length


class NoSpace(Exception):
    """The disk is full, or would have less left than it must. What was written before stays."""


class Appender:
    """Writes to the end of a part file, where it knows the end to be.

    Two writers of one file can't spoil it: each block is a comparison of the end with the one expected and a write,
    both under a lock that a dying process gives back. Whoever comes second finds the end elsewhere and has to stop.
    So a connection that died without a word holds nobody up: the next one goes on where the file ends, at once.
    """

    def __init__(self, path: Path, offset: int, reserve: int) -> None:
        self.offset = offset
        self._reserve = reserve
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Gone from None

    def __enter__(self) -> "Appender":
        try:
            with self._at_end():
                return self
        except BaseException:
            os.close(self._descriptor)
            raise

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Makes what was written safe from a loss of power. Raises NoSpace where only now the disk is found full."""
        try:
            with no_space():
                os.fsync(self._descriptor)
        finally:
            os.close(self._descriptor)

    def write(self, data: bytes) -> None:
        """Appends `data`. Raises WrongOffset, Gone, NoSpace; a part of `data` may have been written then."""
        with self._at_end(), no_space():
            free = os.fstatvfs(self._descriptor)
            if free.f_bavail * free.f_frsize - len(data) < self._reserve:
                raise NoSpace
            write_all(self._descriptor, data)
        self.offset += len(data)

    @contextlib.contextmanager
    def _at_end(self) -> Iterator[None]:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            found = os.fstat(self._descriptor)
            if not found.st_nlink:
                raise Gone
            if found.st_size != self.offset:
                raise WrongOffset(found.st_size)
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)


class Staging:
    """Part files `<id>.part` in one folder; a whole one is `<id>.archive`. `reserve`: bytes that must stay free."""

    def __init__(self, folder: Path, reserve: int = 0) -> None:
        self.folder = folder
        self.reserve = reserve

    def part(self, upload: uuid.UUID) -> Path:
        return self.folder / f"{upload}.part"

    def archive(self, upload: uuid.UUID) -> Path:
        return self.folder / f"{upload}.archive"

    def check_space(self, needed: int) -> None:
        """Raises NoSpace if less than the reserve would be left after `needed` bytes more."""
        if shutil.disk_usage(self.folder).free - needed < self.reserve:
            raise NoSpace

    def create(self, upload: uuid.UUID) -> None:
        """An empty part file. Raises NoSpace, FileExistsError."""
        with no_space():
            os.close(os.open(self.part(upload), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))

    def length(self, upload: uuid.UUID) -> int:
        """Bytes that have arrived and will still be there after a loss of power. Raises Gone."""
        try:
            descriptor = os.open(self.part(upload), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Gone from None
        try:
            os.fsync(descriptor)
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def appender(self, upload: uuid.UUID, offset: int) -> Appender:
        """A writer at `offset`, which must be the file's end: WrongOffset when it is entered, Gone at once."""
        return Appender(self.part(upload), offset, self.reserve)

    def finish(self, upload: uuid.UUID) -> Path:
        """Makes the part file an archive; again and again if need be. Returns its path. Raises Gone."""
        try:
            os.replace(self.part(upload), self.archive(upload))
        except FileNotFoundError:
            if not self.archive(upload).exists():
                raise Gone from None
        fsync_folder(self.folder)
        return self.archive(upload)

    def discard(self, upload: uuid.UUID) -> None:
        """Removes what there is of it; a writer at work is told at its next block."""
        self.part(upload).unlink(missing_ok=True)
        self.archive(upload).unlink(missing_ok=True)

    def untouched(self, seconds: float) -> list[Path]:
        """What nothing was written to for that long."""
        found = []
        for path in self.folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - seconds:
                    found.append(path)
        return found


@contextlib.contextmanager
def no_space() -> Iterator[None]:
    """Turns the system's ways to say that the disk (or a quota) is full into NoSpace."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace from error
        raise
