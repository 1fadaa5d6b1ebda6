"""Files below one folder, and never any outside it: each step of a name is opened by itself, no link is followed."""

import errno
import os
import stat
from collections.abc import Iterator
from types import TracebackType
from typing import Self

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a FIFO must not be waited for


class Rooted:
    """A context manager. Names are bytes relative to the folder, `/` between their steps; several threads may ask.

    All raise OSError: ELOOP or ENOTDIR where a step is a symbolic link, EINVAL for a step that climbs out.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """`path` itself may be a symbolic link: who named it meant where it leads."""
        self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._root)

    def folder(self, name: bytes) -> int:
        """A descriptor of the folder; whoever asks closes it."""
        at = os.dup(self._root)
        for step in _steps(name):
            try:
                inner = os.open(step, _FOLDER, dir_fd=at)
            finally:
                os.close(at)
            at = inner
        return at

    def open(self, name: bytes) -> int:
        """A descriptor of the regular file; whoever asks closes it."""
        parent, _, last = name.rpartition(b"/")
        at = self.folder(parent)
        try:
            return open_file(at, last)
        finally:
            os.close(at)

    def read(self, name: bytes, most: int) -> bytes:
        """The first `most` bytes of the file."""
        with open(self.open(name), "rb") as file:
            return file.read(most)

    def stat(self, name: bytes) -> os.stat_result:
        """Of what stands there, a link itself included."""
        parent, _, last = name.rpartition(b"/")
        at = self.folder(parent)
        try:
            return os.stat(_steps(last)[0] if last else b".", dir_fd=at, follow_symlinks=False)
        finally:
            os.close(at)

    def names(self, name: bytes) -> list[bytes]:
        """What the folder has, sorted; nothing where there is no such folder."""
        try:
            at = self.folder(name)
        except (FileNotFoundError, NotADirectoryError):
            return []
        try:
            return sorted(map(os.fsencode, os.listdir(at)))
        finally:
            os.close(at)


class Folder:
    """One folder below a root, for reading many files of few folders: the last one stays open. For one thread."""

    def __init__(self, root: Rooted, name: bytes) -> None:
        self._root = root
        self._name = name
        self._parent: bytes | None = None
        self._at = -1

    def open(self, path: bytes) -> int:
        """A descriptor of the regular file `path`; whoever asks closes it. Raises OSError as Rooted."""
        parent, _, last = path.rpartition(b"/")
        if parent != self._parent:
            self.close()
            self._at, self._parent = self._root.folder(self._name + b"/" + parent), parent
        return open_file(self._at, last)

    def close(self) -> None:
        if self._at >= 0:
            os.close(self._at)
        self._at, self._parent = -1, None


def open_file(at: int, name: bytes) -> int:
    """A descriptor of a regular file in the folder `at`. Raises OSError."""
    (step,) = _steps(name) or [b"."]
    file = os.open(step, _FILE, dir_fd=at)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "no regular file", name)
    return file


def walk(root: Rooted, name: bytes) -> Iterator[tuple[bytes, os.stat_result, int]]:
    """All below the folder, depth first and sorted: path relative to it, its own status, the folder it lies in (a
    descriptor that is open until the next is asked for). Raises OSError.
    """
    waiting = [b""]
    while waiting:
        folder = waiting.pop()
        at = root.folder(name + b"/" + folder)
        try:
            inner = []
            for entry in sorted(map(os.fsencode, os.listdir(at))):
                state = os.stat(entry, dir_fd=at, follow_symlinks=False)
                path = folder + b"/" + entry if folder else entry
                if stat.S_ISDIR(state.st_mode):
                    inner.append(path)
                yield path, state, at
            waiting.extend(reversed(inner))
        finally:
            os.close(at)


def _steps(name: bytes) -> list[bytes]:
    steps = [step for step in name.split(b"/") if step not in (b"", b".")]
    if b".." in steps or b"\0" in name:
        raise OSError(errno.EINVAL, "the name leads out of its folder", name)
    return steps
