"""The disk that a folder takes: what is allocated to it, beside the bytes that its files hold."""

import stat
from dataclasses import dataclass

from analyzer.storage.rooted import Rooted, walk

_BLOCK = 512  # bytes of what stat(2) counts, whatever the file system

Inodes = set[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Disk:
    allocated: int = 0  # bytes of blocks, folders included
    apparent: int = 0  # bytes that files and links hold, folders not: as the engine counts

    def __add__(self, other: "Disk") -> "Disk":
        return Disk(self.allocated + other.allocated, self.apparent + other.apparent)


def disk_of(root: Rooted, folder: bytes, seen: Inodes, leave_out: frozenset[bytes] = frozenset()) -> Disk:
    """Of the folder and all in it, each inode once: those in `seen` not again, and they are added there.

    `leave_out`: names in the folder that are not looked into, such as where the driver mounts a view of what lies
    elsewhere. Nothing where there is no such folder. Raises OSError.
    """
    allocated = apparent = 0
    try:
        own = root.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return Disk()
    if stat.S_ISDIR(own.st_mode):
        allocated += own.st_blocks * _BLOCK
    for name in root.names(folder):
        if name in leave_out:
            continue
        state = root.stat(folder + b"/" + name)
        states = [state]
        if stat.S_ISDIR(state.st_mode):
            states.extend(inner for _, inner, _ in walk(root, folder + b"/" + name))
        for inner in states:
            inode = inner.st_dev, inner.st_ino
            if inode in seen:
                continue
            seen.add(inode)
            allocated += inner.st_blocks * _BLOCK
            if not stat.S_ISDIR(inner.st_mode):
                apparent += inner.st_size
    return Disk(allocated, apparent)
