"""Waste that adds up: entries that the merged view does not show, each with exactly one cause and one hider."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Cause(StrEnum):
    """Why an entry is dead. Stored by position: only append."""

    SUPERSEDED = "superseded"  # the same path again, same type
    DELETED = "deleted"  # a whiteout of this very path
    PARENT_DELETED = "parent_deleted"  # a whiteout of a folder above
    OPAQUE = "opaque"  # a marker emptied a folder above
    TYPE_CHANGED = "type_changed"  # another type here or at a folder above, or an entry below what was no folder


class Dead(NamedTuple):
    """An entry that died in the layer whose LayerDiff names it."""

    layer: int  # index of the layer that brought the bytes, 0 at the bottom
    ordinal: int  # its row there; of an inode with several names the entry that holds the bytes
    size: int  # bytes
    cause: Cause
    hider: int  # row of the hiding layer's listing


def bytes_by_cause(dead: Iterable[Dead]) -> dict[Cause, int]:
    """Bytes that died by each cause; every cause is there, and they sum to the whole."""
    by_cause = dict.fromkeys(Cause, 0)
    for item in dead:
        by_cause[item.cause] += item.size
    return by_cause


def efficiency(waste: int, size: int) -> float:
    """The share of an image's bytes that its merged view shows, 0 to 1; 1 for an empty image."""
    return 1 - waste / size if size else 1.0
