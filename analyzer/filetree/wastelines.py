"""What is hidden in a chain, line by line: who brought it, who hid it, by which cause, and how much was only copied."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.filetree import compare
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.waste import Cause

_FILE = int(Kind.FILE)
_METADATA = compare.MODE | compare.OWNER | compare.XATTRS


@dataclass(slots=True)
class WasteLine:
    """Entries that the layer `brought` holds and the layer `hider` hides by one cause. Sizes are bytes.

    `copied` is what of it the hiding layer holds again, byte by byte: superseded files whose content is the same;
    `changed` the bits of `compare` in which these copies differ, mtime among them.
    """

    brought: int
    hider: int
    cause: Cause
    size: int = 0
    entries: int = 0
    files: int = 0
    copied: int = 0
    changed: int = 0
    rows: list[int] = field(default_factory=list)  # of the bringing layer's listing, as they stand there


@dataclass(frozen=True, slots=True)
class Copies:
    """Files that a layer holds again with the content that the chain below shows at their path. Sizes are bytes.

    `metadata`: mode, owner or extended attributes differ (what `chmod -R` and `chown -R` do). `identical`: nothing
    differs but perhaps mtime.
    """

    layer: int
    metadata_files: int
    metadata_size: int
    identical_files: int
    identical_size: int


def lines_of(diffs: Sequence[LayerDiff], listings: Sequence[Listing]) -> list[WasteLine]:
    """The lines of a chain, bottom layer first in both lists; most bytes first, then most entries. Their sizes sum to
    the chain's waste."""
    lines: dict[tuple[int, int, Cause], WasteLine] = {}
    for hider, diff in enumerate(diffs):
        for dead in diff.dead:
            key = dead.layer, hider, dead.cause
            line = lines.get(key)
            if line is None:
                line = lines[key] = WasteLine(*key)
            line.size += dead.size
            line.entries += 1
            line.rows.append(dead.ordinal)
            brought = listings[dead.layer]
            if brought.kinds[dead.ordinal] != _FILE:
                continue
            line.files += 1
            if dead.cause == Cause.SUPERSEDED and _is_copy(brought, dead.ordinal, listings[hider], dead.hider):
                line.copied += dead.size
                line.changed |= diff.changed[dead.hider]
    return sorted(lines.values(), key=lambda line: (-line.size, -line.entries, line.hider, line.brought, line.cause))


def copies_of(diffs: Sequence[LayerDiff], listings: Sequence[Listing]) -> list[Copies]:
    """For each layer that has such files; bottom first. They overlap the waste, and are no part of it."""
    found = []
    for index, (diff, listing) in enumerate(zip(diffs, listings, strict=True)):
        counts = [0, 0, 0, 0]
        at = diff.changes.find(Change.MODIFIED)
        while at >= 0:
            mask = diff.changed[at]
            if listing.kinds[at] == _FILE and not mask & (compare.CONTENT | compare.TYPE):
                place = 0 if mask & _METADATA else 2
                counts[place] += 1
                counts[place + 1] += listing.sizes[at]
            at = diff.changes.find(Change.MODIFIED, at + 1)
        if any(counts):
            found.append(Copies(index, *counts))
    return found


def _is_copy(old: Listing, i: int, new: Listing, j: int) -> bool:
    return new.kinds[j] == _FILE and old.sha256s[i] == new.sha256s[j] is not None
