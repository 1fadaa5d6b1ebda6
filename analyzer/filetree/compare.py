"""What differs between an entry and the one that stood at its path."""

from analyzer.filetree.arrange import IMPLIED_MODE
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing

CONTENT, TYPE, MODE, OWNER, MTIME, LINK, XATTRS = (1 << bit for bit in range(7))
"""Bits of one byte an entry; stored: never renumber."""

_FILE, _HARDLINK = int(Kind.FILE), int(Kind.HARDLINK)

LABELS = ("content", "type", "mode", "owner", "mtime", "link", "xattrs")


def labels(mask: int) -> list[str]:
    """What changed, in the words of the documents."""
    return [label for bit, label in enumerate(LABELS) if mask >> bit & 1]


def attributes(old: Listing, i: int, new: Listing, j: int) -> int:
    """The bits of mode, owner, mtime and xattrs."""
    mask = 0
    if new.modes[j] != old.modes[i]:
        mask |= MODE
    if new.uids[j] != old.uids[i] or new.gids[j] != old.gids[i]:
        mask |= OWNER
    if new.mtimes[j] != old.mtimes[i]:
        mask |= MTIME
    if (new.xattrs[j] or None) != (old.xattrs[i] or None):
        mask |= XATTRS
    return mask


def content(old: Listing, i: int, new: Listing, j: int) -> int:
    """The bits of content and link for entries that hold the bytes of names of one type.

    Files differ unless both were hashed and the hashes are equal. Devices have no content.
    """
    kind = old.kinds[i]
    if kind != new.kinds[j] or kind == _HARDLINK:
        return CONTENT
    if kind == _FILE:
        return 0 if old.sha256s[i] == new.sha256s[j] is not None else CONTENT
    return LINK if old.links[i] != new.links[j] else 0


def of_implied(new: Listing, j: int) -> int:
    """The bits of an entry's attributes against an implied folder, which is 0755 0:0, of no time and no xattrs."""
    mask = MODE if new.modes[j] != IMPLIED_MODE else 0
    if new.uids[j] or new.gids[j]:
        mask |= OWNER
    return mask | XATTRS if new.xattrs[j] else mask
