"""What one layer does to the chain below it: the result of a chain, tiny, and stored beside it."""

import zlib
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import islice

from analyzer.filetree import varint
from analyzer.filetree.dive import DiveFigures
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.filetree.waste import Cause, Dead, bytes_by_cause
from analyzer.oci.findings import Finding

_VERSION = 1
_CAUSES = tuple(Cause)


class Change(IntEnum):
    """Of a row of a layer's listing, against the chain below. Stored: never renumber."""

    NONE = 0  # implied folders, aufs names, entries that their own layer replaces, whiteouts that hid nothing
    ADDED = 1
    MODIFIED = 2
    REMOVED = 3  # a whiteout or marker that hid something
    UNCHANGED = 4  # a folder that repeats the one below, mtime aside

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(slots=True)
class LayerDiff:
    """`removed` counts paths that the chain below shows an entry for and that this layer takes away: by a whiteout,
    with a folder above, by a marker, or by a change of type above (or of an entry into a folder that is only implied).
    A folder counts beside what lies in it. A path that the layer brings again after its own whiteout or marker is
    both removed and added, so that, implied folders aside, the merged view grows by `added` - `removed`.
    """

    changes: bytes  # a Change a row
    changed: bytes  # bits of compare.LABELS a row; 0 unless modified
    removed: int
    dead: list[Dead]  # entries of lower layers (or this one) whose hider is this layer, sorted by layer and ordinal
    dive: DiveFigures  # of the chain up to this layer
    findings: list[Finding] = field(default_factory=list)  # not part of the stored form
    added: int = field(init=False)
    modified: int = field(init=False)
    dead_bytes: dict[Cause, int] = field(init=False)

    def __post_init__(self) -> None:
        self.added = self.changes.count(Change.ADDED)
        self.modified = self.changes.count(Change.MODIFIED)
        self.dead_bytes = bytes_by_cause(self.dead)

    def to_bytes(self, listing: Listing) -> bytes:
        """The stored form. `listing` is the layer's own: only what differs from its plain case is written."""
        plain = _plain_changes(listing)
        dead = self.dead
        rows = [row for row, change in enumerate(self.changes) if change != plain[row] or self.changed[row]]
        numbers = [_VERSION, len(rows), len(dead), self.removed, *self.dive]
        numbers += varint.deltas(rows)
        numbers += [self.changes[row] for row in rows]
        numbers += [self.changed[row] for row in rows]
        numbers += varint.deltas(item.hider for item in dead)
        numbers += [_CAUSES.index(item.cause) for item in dead]
        numbers += varint.deltas(item.layer for item in dead)
        numbers += varint.deltas(item.ordinal for item in dead)
        return zlib.compress(varint.pack(numbers), 9, wbits=-15)

    @classmethod
    def from_bytes(cls, stored: bytes, listings: Sequence[Listing]) -> "LayerDiff":
        """The diff that `to_bytes` made, without its findings.

        `listings` are those of the chain, bottom first, this layer's the last; of it `kind` and `implied` are looked
        at, and of layers that have dead entries `size`. Raises ValueError for bytes of another form.
        """
        numbers = varint.unpack(zlib.decompress(stored, wbits=-15))
        if next(numbers) != _VERSION:
            raise ValueError("a layer diff of another version")
        row_count, dead_count, removed, *dive = islice(numbers, 6)
        changes, changed = bytearray(_plain_changes(listings[-1])), bytearray(len(listings[-1]))
        rows = list(varint.sums(islice(numbers, row_count)))
        for column in (changes, changed):
            for row, value in zip(rows, islice(numbers, row_count), strict=True):
                column[row] = value
        hiders = list(varint.sums(islice(numbers, dead_count)))
        causes = [_CAUSES[index] for index in islice(numbers, dead_count)]
        layers = list(varint.sums(islice(numbers, dead_count)))
        ordinals = list(varint.sums(islice(numbers, dead_count)))
        dead = [
            Dead(layer, ordinal, listings[layer].sizes[ordinal], cause, hider)
            for layer, ordinal, cause, hider in zip(layers, ordinals, causes, hiders, strict=True)
        ]
        return cls(bytes(changes), bytes(changed), removed, dead, DiveFigures(*dive))


def dead_rows(stored: bytes) -> dict[int, "array[int]"]:
    """Of a diff that `to_bytes` made, without any listing: index of a layer → the rows of it that died here, sorted."""
    numbers = varint.unpack(zlib.decompress(stored, wbits=-15))
    if next(numbers) != _VERSION:
        raise ValueError("a layer diff of another version")
    row_count, dead_count, _, *_ = islice(numbers, 6)
    if not dead_count:
        return {}
    deque(islice(numbers, 3 * row_count + 2 * dead_count), maxlen=0)
    layers = list(varint.sums(islice(numbers, dead_count)))
    ordinals = list(varint.sums(islice(numbers, dead_count)))
    rows: dict[int, array[int]] = {}
    start = 0
    while start < dead_count:  # sorted by layer
        end = bisect_right(layers, layers[start], start)
        rows[layers[start]] = array("q", ordinals[start:end])
        start = end
    return rows


_ENTRY = bytes(Change.ADDED if kind <= Kind.FIFO else Change.NONE for kind in range(256))


def _plain_changes(listing: Listing) -> bytes:
    """The changes of a layer on top of nothing: entries are added; implied folders and whiteouts are not."""
    changes = listing.kinds.translate(_ENTRY)
    if 1 not in listing.implied:
        return changes
    return bytes(change & ~implied for change, implied in zip(changes, listing.implied, strict=True))
