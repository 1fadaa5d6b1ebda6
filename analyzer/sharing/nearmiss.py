"""Finding near-miss layers without comparing all pairs: exact prefix filtering, so that none is missed.

All contents of the world stand in one order that never changes: the largest first, equal ones by digest. Of a layer
only the beginning of its own row is looked up: so much of it that, were none of that in the other layer, the two
could not be near any more, whatever ten files are set aside. So two near layers have the first of their common
contents in both of their beginnings, and meet there. (Prefix filtering of weighted set similarity joins: Chaudhuri,
Ganti, Kaushik, "A Primitive Operator for Similarity Joins"; Bayardo, Ma, Srikant, "Scaling Up All Pairs Similarity
Search". They order by rarity. Ordering by size needs no statistics, so a layer's beginning stays true whatever comes
later, it is short, because weight lies in few files, and large contents are rarer than small ones.)

The sketch of a layer is its row up to a later point than is looked up. Where two rows are both known, what is in
common is known too, so most of the pairs that met are told apart without reading a listing.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from analyzer.sharing.overlap import MOST_ASIDE, NEAR, Contents

LEAST_COMMON = 64 * 1024
"""Bytes that two layers must have in common: what is lost below that is not worth a line."""

KEY_BYTES = 8
_SIGN = 1 << 63


@dataclass(frozen=True, slots=True)
class Sketch:
    """The beginning of a layer's contents, the largest first: keys (64 bits of the sha256, signed) and bytes.

    `looked_up` of them are what other layers are found by. `total` is the sum of all contents, `complete` says that
    there are no more than these.
    """

    total: int
    keys: "array[int]"
    sizes: "array[int]"
    looked_up: int
    complete: bool

    @property
    def lookups(self) -> "array[int]":
        return self.keys[: self.looked_up]

    def to_bytes(self) -> bytes:
        """Little-endian: number of contents, then all keys, then all sizes."""
        return b"".join(array("q", part).tobytes() for part in ([len(self.keys)], self.keys, self.sizes))

    @classmethod
    def from_bytes(cls, document: bytes, total: int, looked_up: int, complete: bool) -> Self:
        values = array("q")
        values.frombytes(document)
        number = values[0]
        return cls(total, values[1 : number + 1], values[number + 1 :], looked_up, complete)


def key_of(sha256: bytes) -> int:
    """Its first eight bytes as a signed integer of 64 bits."""
    return int.from_bytes(sha256[:KEY_BYTES], "big") - _SIGN


def sketch(contents: Contents) -> Sketch:
    """The layer's beginning. A layer with less than LEAST_COMMON bytes of contents is looked up by none."""
    total = sum(contents.values())
    keys, sizes = array("q"), array("q")
    looked_up: int | None = None
    apart = _Apart(total)
    for size, sha256 in _largest_first(contents):
        if total - apart.weight < LEAST_COMMON:
            break
        keys.append(key_of(sha256))
        sizes.append(size)
        apart.add(size)
        if looked_up is None and not apart.may_be_near(NEAR[1] - NEAR[0]):
            looked_up = len(keys)
        # Known on until three tenths are apart: what only shares one large file is told apart by that.
        if looked_up is not None and not apart.may_be_near(3):
            break
    complete = len(keys) == sum(map(bool, contents.values()))
    return Sketch(total, keys, sizes, len(keys) if looked_up is None else looked_up, complete)


def _largest_first(contents: Contents) -> Iterator[tuple[int, bytes]]:
    """Bytes and sha256 of what has bytes, in the order of the world. Only what is taken is put in order."""
    by_size: dict[int, list[bytes]] = {}
    for sha256, size in contents.items():
        by_size.setdefault(size, []).append(sha256)
    by_size.pop(0, None)
    for size in sorted(by_size, reverse=True):
        yield from ((size, sha256) for sha256 in sorted(by_size[size]))


def may_be_near(first: Sketch, second: Sketch) -> bool:
    """False if the sketches prove that the layers are no near miss; true is still to be found out."""
    rows = [list(zip((-size for size in each.sizes), each.keys, strict=True)) for each in (first, second)]
    ends = [row[-1] for row, each in zip(rows, (first, second), strict=True) if not each.complete and row]
    end = min(ends, default=(0, 0))
    known = [{item for item in row if not ends or item <= end} for row in rows]
    common = known[0] & known[1]
    for each, row in zip((first, second), known, strict=True):
        apart = _Apart(each.total)
        for negative, _ in row - common:
            apart.add(-negative)
        if each.total - apart.weight < LEAST_COMMON or not apart.may_be_near(NEAR[1] - NEAR[0]):
            return False
    return True


class _Apart:
    """Contents of a layer of `total` bytes that another one does not hold: their weight, and that of the ten largest.

    With the ten set aside, what is left apart is at least weight − ten, and in common is at most total − weight.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.weight = 0
        self._ten: list[int] = []
        self._ten_weigh = 0

    def add(self, size: int) -> None:
        self.weight += size
        if len(self._ten) < MOST_ASIDE or size > self._ten[-1]:
            self._ten = sorted([*self._ten, size], reverse=True)[:MOST_ASIDE]
            self._ten_weigh = sum(self._ten)

    def may_be_near(self, tenths: int) -> bool:
        """Whether what is left apart can be at most so many tenths of what is then left of the layer."""
        left = self.weight - self._ten_weigh
        return left * (10 - tenths) <= (self.total - self.weight) * tenths


def pairs(sketches: Iterable[tuple[int, Sketch]]) -> Iterable[tuple[int, int]]:
    """The pairs of these (numbered) layers that may be near: what an index does with rows, done in memory."""
    holders: dict[int, list[int]] = {}
    seen: dict[int, Sketch] = {}
    for number, mine in sketches:
        met = {other for key in mine.lookups for other in holders.get(key, ())}
        yield from ((other, number) for other in sorted(met) if may_be_near(seen[other], mine))
        for key in mine.lookups:
            holders.setdefault(key, []).append(number)
        seen[number] = mine
