"""What the rows of a listing's table are made of: the listing, its changes, and which of its rows matter."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.filetree.layerdiff import LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.merged import Merged

ROOT = -1


@dataclass(frozen=True, slots=True)
class Source:
    """Columns parallel to the listing's. With a mask, `totals`, `below` and `changes` are of its rows alone."""

    listing: Listing
    whole: int  # bytes that bars are shares of
    totals: Sequence[int]
    below: Sequence[int]
    mask: bytes | None = None  # 1: the row matters; None: all do
    diff: LayerDiff | None = None
    changes: bytes = b""
    hides: Mapping[int, int] = field(default_factory=dict)  # row → bytes of lower layers that it hides
    layers: Sequence[int] = ()  # of a merged view: index of the providing layer
    providers: Mapping[int, Mapping[int, int]] = field(default_factory=dict)  # … and a folder's bytes by that index
    diff_ids: Sequence[str] = ()

    @property
    def count(self) -> int:
        """How many rows matter."""
        return len(self.listing) if self.mask is None else self.mask.count(1)

    @property
    def size(self) -> int:
        """Bytes of the rows that matter."""
        if self.mask is None:
            return self.listing.size
        return sum(size for size, matters in zip(self.listing.sizes, self.mask, strict=True) if matters)

    def shows(self, row: int) -> bool:
        """Whether the row matters, or one below it."""
        return self.mask is None or bool(self.mask[row]) or self.below[row] > 0


def layer_source(listing: Listing, diff: LayerDiff | None, mask: bytes | None = None) -> Source:
    """Of one layer, with its changes against a chain where there is one."""
    totals, below = _columns(listing, mask)
    changes = diff.changes if diff else bytes(len(listing))
    if mask is not None:
        changes = bytes(change if matters else 0 for change, matters in zip(changes, mask, strict=True))
    hides: Counter[int] = Counter()
    for dead in diff.dead if diff else ():
        hides[dead.hider] += dead.size
    return Source(listing, listing.size, totals, below, mask, diff, changes, hides)


def merged_source(merged: Merged, diff_ids: Sequence[str], mask: bytes | None = None) -> Source:
    """Of a merged view: `diff_ids` are those of the chain's layers, bottom first."""
    totals, below = _columns(merged, mask)
    layers, providers = merged.layers, merged.providers
    return Source(merged, merged.size, totals, below, mask, layers=layers, providers=providers, diff_ids=diff_ids)


def _columns(listing: Listing, mask: bytes | None) -> tuple[Sequence[int], Sequence[int]]:
    """For each row the bytes of its subtree, itself included, and the entries below it that matter."""
    if mask is None:
        return listing.totals, listing.below
    totals = [size if matters else 0 for size, matters in zip(listing.sizes, mask, strict=True)]
    below = [0] * len(mask)
    parents = listing.parents
    for row in range(len(mask) - 1, -1, -1):  # a folder comes before what lies in it
        parent = parents[row]
        if parent >= 0 and (mask[row] or below[row]):
            totals[parent] += totals[row]
            below[parent] += below[row] + mask[row]
    return totals, below
