"""The layers of two images side by side: what both stand on, what lies elsewhere, what nearly is the same, the rest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Kinship = TypeVar("Kinship")
"""What the caller knows of two layers that are nearly the same."""


class Relation(StrEnum):
    """How a layer of one image stands to the other image's layers."""

    SAME = "same"  # in both, on the same chain: an engine stores it once
    MOVED = "moved"  # in both, on other layers: stored twice by an engine, once by who goes by diffID
    NEAR = "near"  # another diffID, but nearly the same contents
    NEW = "new"  # only in the second
    GONE = "gone"  # only in the first


@dataclass(frozen=True, slots=True)
class Pairing(Generic[Kinship]):
    """A layer of the first image, of the second, or of both, by their index from the bottom."""

    relation: Relation
    first: int | None
    second: int | None
    kinship: Kinship | None = None


def align(
    first: Sequence[str], second: Sequence[str], near: Callable[[int, int], tuple[int, Kinship] | None]
) -> list[Pairing[Kinship]]:
    """Every layer of both images exactly once, bottom first, in the order of the second image.

    `first` and `second` are diffIDs. `near` tells for two of them (by index) how many bytes they have in common and
    what their kinship is, or None for layers that are no near miss; it is asked only for layers that the other image
    lacks. The pairs with most bytes in common are taken first, of equal ones the lowest.
    """
    both = _prefix(first, second)
    left, right = list(range(both, len(first))), list(range(both, len(second)))
    pairs: list[Pairing[Kinship]] = [Pairing(Relation.SAME, index, index) for index in range(both)]
    moved = list(_moved(first, second, left, right))
    left = [index for index in left if index not in {one for one, _ in moved}]
    right = [index for index in right if index not in {other for _, other in moved}]
    found: dict[int, Pairing[Kinship]] = {other: Pairing(Relation.MOVED, one, other) for one, other in moved}
    for one, other, kinship in _nearest(left, right, near):
        found[other] = Pairing(Relation.NEAR, one, other, kinship)
    paired = {pair.first for pair in found.values()}
    gone = [index for index in left if index not in paired]
    for other in range(both, len(second)):
        pair: Pairing[Kinship] = found.get(other) or Pairing(Relation.NEW, None, other)
        # What is gone stands where it lay: before the first layer that lay above it.
        while gone and pair.first is not None and gone[0] < pair.first:
            pairs.append(Pairing(Relation.GONE, gone.pop(0), None))
        pairs.append(pair)
    return [*pairs, *(Pairing(Relation.GONE, index, None) for index in gone)]


def _prefix(first: Sequence[str], second: Sequence[str]) -> int:
    """How many layers both have in common from the bottom."""
    number = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        number += 1
    return number


def _moved(
    first: Sequence[str], second: Sequence[str], left: Sequence[int], right: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The same diffID on both sides; one that stands several times is paired in its order."""
    places: dict[str, list[int]] = {}
    for index in left:
        places.setdefault(first[index], []).append(index)
    for index in right:
        if places.get(second[index]):
            yield places[second[index]].pop(0), index


def _nearest(
    left: Sequence[int], right: Sequence[int], near: Callable[[int, int], tuple[int, Kinship] | None]
) -> Iterator[tuple[int, int, Kinship]]:
    met = [(found[0], one, other, found[1]) for one in left for other in right if (found := near(one, other))]
    taken: tuple[set[int], set[int]] = set(), set()
    for _, one, other, kinship in sorted(met, key=lambda each: (-each[0], each[1], each[2])):
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            yield one, other, kinship
