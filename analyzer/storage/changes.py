"""What a container changed: its writable layer against what lies below, by the rules of `docker diff`."""

import os
import stat
from collections.abc import Sequence

from analyzer.archive.budget import Limits
from analyzer.filetree.dockerdiff import Change, ChangeKind
from analyzer.filetree.whiteout import PREFIX
from analyzer.storage.overlaymarks import Marks
from analyzer.storage.rooted import Rooted, walk


def changes_of(root: Rooted, upper: bytes, lowers: Sequence[bytes], marks: Marks, limits: Limits) -> list[Change]:
    """The changes in `upper` against the folders `lowers`, topmost first; sorted by path.

    A folder whose contents changed is changed itself, as the engine says. Raises LimitReached, OSError.
    """
    found: dict[bytes, Change] = {}
    try:
        for path, state, _ in walk(root, upper):
            _note(found, root, path, state, upper, lowers, marks)
            limits.check("max_layer_entries", len(found), "The number of changes of the container")
    except (FileNotFoundError, NotADirectoryError):
        return []
    for path in list(found):
        above = path.rpartition(b"/")[0]
        while above and above not in found:
            found[above] = Change(above, ChangeKind.CHANGED, None)
            above = above.rpartition(b"/")[0]
    return [found[path] for path in sorted(found)]


def _note(
    found: dict[bytes, Change],
    root: Rooted,
    path: bytes,
    state: os.stat_result,
    upper: bytes,
    lowers: Sequence[bytes],
    marks: Marks,
) -> None:
    above, slash, name = path.rpartition(b"/")
    if marks.is_whiteout(name, state):
        hidden = above + slash + name.removeprefix(PREFIX) if marks.by_name else path
        if name.startswith(PREFIX * 2) and marks.by_name:  # bookkeeping
            return
        if _below(root, hidden, lowers, marks) is not None:
            found[hidden] = Change(hidden, ChangeKind.DELETED, None)
        return
    is_folder = stat.S_ISDIR(state.st_mode)
    size = None if is_folder else state.st_size
    below = _below(root, path, lowers, marks)
    if below is None or _inside_opaque(root, path, upper, marks):
        found[path] = Change(path, ChangeKind.CHANGED if below else ChangeKind.ADDED, size)
    elif not is_folder or not stat.S_ISDIR(below.st_mode) or _differs(state, below):
        found[path] = Change(path, ChangeKind.CHANGED, size)
    if is_folder and below is not None and marks.is_opaque(root, upper + b"/" + path):
        _gone(found, root, path, upper, lowers, marks)


def _gone(
    found: dict[bytes, Change], root: Rooted, path: bytes, upper: bytes, lowers: Sequence[bytes], marks: Marks
) -> None:
    """What an opaque folder hides, and does not have itself, is deleted: only the top of each part is named."""
    there = set(root.names(upper + b"/" + path))
    for lower in lowers:
        for name in root.names(lower + b"/" + path):
            inner = path + b"/" + name
            if name not in there and _below(root, inner, lowers, marks) is not None:
                found[inner] = Change(inner, ChangeKind.DELETED, None)


def _inside_opaque(root: Rooted, path: bytes, upper: bytes, marks: Marks) -> bool:
    above = path.rpartition(b"/")[0]
    while above:
        if marks.is_opaque(root, upper + b"/" + above):
            return True
        above = above.rpartition(b"/")[0]
    return False


def _differs(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether two folders differ in what is their own."""
    return (one.st_mode, one.st_uid, one.st_gid, one.st_mtime_ns) != (
        other.st_mode,
        other.st_uid,
        other.st_gid,
        other.st_mtime_ns,
    )


def _below(root: Rooted, path: bytes, lowers: Sequence[bytes], marks: Marks) -> os.stat_result | None:
    """What the folders show under the path."""
    for folder in lowers:
        try:
            state = root.stat(folder + b"/" + path)
        except (FileNotFoundError, NotADirectoryError):
            if marks.hides(root, folder, path):
                return None
            continue
        return None if marks.is_whiteout(path.rpartition(b"/")[2], state) else state
    return None
