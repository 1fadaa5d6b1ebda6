"""How a driver's folders say that something is gone: overlay2 by devices and attributes, aufs by names."""

import os
import stat
from dataclasses import dataclass

from analyzer.filetree.whiteout import OPAQUE_NAME, PREFIX
from analyzer.storage.rooted import Rooted

_OPAQUE = "trusted.overlay.opaque"
_PRIVATE = b"trusted.overlay."


@dataclass(frozen=True, slots=True)
class Marks:
    """`by_name`: as aufs does, and layers themselves; else overlayfs (kernel documentation, overlayfs.rst)."""

    by_name: bool

    def is_whiteout(self, name: bytes, state: os.stat_result) -> bool:
        """Whether what stands there hides something; its own name is the hidden one's but for aufs' prefix."""
        if self.by_name:
            return name.startswith(PREFIX)
        return stat.S_ISCHR(state.st_mode) and state.st_rdev == 0

    def is_opaque(self, root: Rooted, folder: bytes) -> bool:
        """Whether the folder hides all that lower ones of its name have. Raises OSError."""
        at = root.folder(folder)
        try:
            if self.by_name:
                return _there(at, OPAQUE_NAME)
            try:
                return os.getxattr(at, _OPAQUE) == b"y"
            except OSError:  # it has none
                return False
        finally:
            os.close(at)

    def hides(self, root: Rooted, folder: bytes, path: bytes) -> bool:
        """Whether a layer's `folder`, which does not have `path`, hides it of lower ones. Raises OSError."""
        steps = path.split(b"/")
        for count in range(len(steps)):
            above = b"/".join([folder, *steps[:count]])
            if count and not _is_folder(root, above):
                return _exists(root, above)  # a file, or a whiteout: nothing shows through
            if self.by_name and _exists(root, above + b"/" + PREFIX + steps[count]):
                return True
            if self.is_opaque(root, above):
                return True
        return False


def attributes(at: int, name: bytes) -> dict[bytes, bytes]:
    """What containers carry along of the extended attributes of `name` in the folder `at`."""
    place = b"/proc/self/fd/%d/%s" % (at, name)
    found = {}
    try:
        for key in map(os.fsencode, os.listxattr(place, follow_symlinks=False)):
            if not key.startswith(_PRIVATE) and key.startswith((b"security.", b"user.", b"trusted.")):
                found[key] = os.getxattr(place, key, follow_symlinks=False)
    except OSError:  # the file system knows none
        return {}
    return found


def _there(at: int, name: bytes) -> bool:
    try:
        os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _exists(root: Rooted, name: bytes) -> bool:
    try:
        root.stat(name)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _is_folder(root: Rooted, name: bytes) -> bool:
    try:
        return stat.S_ISDIR(root.stat(name).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
