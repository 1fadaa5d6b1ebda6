"""A folder as an archive: an OCI layout, or an unpacked `docker save`."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.outer import Outer, normalise
from analyzer.archive.source import BlobRef


class OuterFolder(Outer):
    """Symbolic links are followed as long as they stay in the folder."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Lists the folder, once. Raises LimitReached, OSError."""
        super().__init__()
        self._root = os.path.realpath(path)
        self._files: dict[str, BlobRef] = {}
        self._top = set(os.listdir(path))
        for name, size in _walk(self._root):
            limits.check("max_archive_members", len(self._files) + 1, "The number of files of the folder")
            self._files[name] = BlobRef(Path(self._root, name), 0, size)
        self.size = sum(file.length for file in self._files.values())

    def find(self, name: str) -> BlobRef | None:
        inside = normalise(name)
        if inside is None:
            return None
        if inside in self._files:
            return self._files[inside]
        real = os.path.realpath(os.path.join(self._root, inside))
        if not real.startswith(self._root + os.sep):
            self.refuse(name, "is a link that leads out of the folder")
            return None
        try:
            state = os.stat(real)
        except OSError:
            if os.path.islink(real):
                self.refuse(name, "is a link in a loop")
            return None
        return BlobRef(Path(real), 0, state.st_size) if stat.S_ISREG(state.st_mode) else None

    def files(self) -> Iterator[tuple[str, BlobRef]]:
        return iter(self._files.items())

    def top(self) -> set[str]:
        return self._top


def _walk(root: str) -> Iterator[tuple[str, int]]:
    """Every regular file below `root` with its bytes; links are not followed."""
    folders = [""]
    while folders:
        folder = folders.pop()
        with os.scandir(os.path.join(root, folder)) as entries:
            for entry in entries:
                name = os.path.join(folder, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif entry.is_file(follow_symlinks=False):
                    yield name, entry.stat(follow_symlinks=False).st_size
