"""A layer's tar made anew from its folder, where the engine kept no record of the one that it came as.

It says the same of every file; in its bytes, and so in its diffID, it is another.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.tarwriter import END, Head, header, padding
from analyzer.filetree.entry import Kind
from analyzer.filetree.whiteout import OPAQUE_NAME, PREFIX
from analyzer.oci.findings import escape
from analyzer.storage.overlaymarks import Marks, attributes
from analyzer.storage.rooted import Rooted, open_file, walk
from analyzer.storage.stream import Made, file_blocks

_KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.DIR,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFCHR: Kind.CHAR,
    stat.S_IFBLK: Kind.BLOCK,
    stat.S_IFIFO: Kind.FIFO,
}


@dataclass(frozen=True, slots=True)
class FolderTar(Made):
    """The tar of what lies in `folder`: sorted, folders before what is in them, whiteouts as layers have them."""

    root: Rooted
    folder: bytes
    marks: Marks

    def blocks(self) -> Iterator[bytes]:
        """Raises Damaged where a file changed meanwhile, OSError."""
        for path, head, at in _heads(self.root, self.folder, self.marks):
            yield header(head)
            if head.kind is Kind.FILE and head.size:
                yield from file_blocks(open_file(at, path.rpartition(b"/")[2]), head.size, path)
                yield padding(head.size)
        yield END


def folder_tar(root: Rooted, folder: bytes, marks: Marks, limits: Limits) -> FolderTar | None:
    """The folder's tar, or None where there is no such folder. Raises LimitReached, OSError."""
    length, entries = len(END), 0
    try:
        for _, head, _ in _heads(root, folder, marks):
            length += len(header(head)) + (head.size + len(padding(head.size)) if head.kind is Kind.FILE else 0)
            entries += 1
            limits.check("max_layer_bytes", length, "The size of the layer's tar")
            limits.check("max_layer_entries", entries, "The number of entries of the layer")
    except (FileNotFoundError, NotADirectoryError):
        return None
    return FolderTar(Path(escape(folder)), 0, length, root, folder, marks)


def _heads(root: Rooted, folder: bytes, marks: Marks) -> Iterator[tuple[bytes, Head, int]]:
    """Path, header and the open folder of each member."""
    first: dict[tuple[int, int], bytes] = {}  # path of each file that has several names
    for path, state, at in walk(root, folder):
        above, slash, name = path.rpartition(b"/")
        kind = _KINDS.get(stat.S_IFMT(state.st_mode))
        if kind is None:  # a socket: no tar holds one
            continue
        if marks.is_whiteout(name, state):
            hidden = path if marks.by_name else above + slash + PREFIX + name
            yield path, Head(hidden, Kind.FILE, 0, 0, 0, _whole(state)), at
            continue
        inode = state.st_dev, state.st_ino
        if kind is not Kind.DIR and state.st_nlink > 1:
            if inode in first:
                yield path, _head(path, Kind.HARDLINK, state, first[inode]), at
                continue
            first[inode] = path
        link = os.readlink(name, dir_fd=at) if kind is Kind.SYMLINK else None
        yield path, _head(path, kind, state, link, attributes(at, name)), at
        if kind is Kind.DIR and not marks.by_name and marks.is_opaque(root, folder + b"/" + path):
            yield path, Head(path + b"/" + OPAQUE_NAME, Kind.FILE, 0, 0, 0, _whole(state)), at


def _head(
    path: bytes, kind: Kind, state: os.stat_result, link: bytes | None, xattrs: dict[bytes, bytes] | None = None
) -> Head:
    device = (os.major(state.st_rdev), os.minor(state.st_rdev)) if kind in (Kind.CHAR, Kind.BLOCK) else (0, 0)
    mode = stat.S_IMODE(state.st_mode)
    size = state.st_size if kind is Kind.FILE else 0
    name = path + b"/" if kind is Kind.DIR else path
    return Head(name, kind, mode, state.st_uid, state.st_gid, _whole(state), size, link, xattrs, device)


def _whole(state: os.stat_result) -> int:
    """Whole seconds, as the engine writes its layers."""
    return state.st_mtime_ns // 1_000_000_000 * 1_000_000_000
