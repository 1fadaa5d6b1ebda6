"""Which images to delete to free some bytes.

Fewest images is a hard problem (it contains minimum coverage of hypergraphs), so the answer for many images is a good
one, not always the best. What it promises:

- it frees as much as was asked for, if deleting every candidate does;
- no image of it can be spared: without any of them it would free too little. So an image whose layers others stand on,
  a base in use, is never among them unless all that stand on it are too, since its going alone frees nothing;
- up to `FEW` candidates that free anything, no choice has fewer images; among those of as few, it has the oldest.
"""

import heapq
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Holder = TypeVar("Holder", bound=Hashable)
Unit = TypeVar("Unit", bound=Hashable)

FEW = 12
"""Candidates of which every set is tried: 4,096 sets, some 5 ms."""


def to_free(
    wanted: int,
    candidates: Sequence[Holder],
    holds: Mapping[Holder, Iterable[Unit]],
    size: Mapping[Unit, int],
) -> list[Holder]:
    """The candidates to delete so that `wanted` bytes go, in the order of `candidates`, which are the oldest first.

    All others of `holds` stay. Where all candidates together free less, those of them are given that free anything
    together; the caller sees it from the sum.
    """
    groups = _groups(candidates, holds, size)
    useful = set().union(*groups) if groups else set()
    able = [holder for holder in candidates if holder in useful]
    if wanted <= 0:
        return []
    if sum(groups.values()) <= wanted:
        return able
    if len(able) <= FEW:
        return _fewest(wanted, able, groups)
    chosen = _greedy(wanted, able, groups)
    return _spared(wanted, [holder for holder in able if holder in chosen], groups)


def _groups(
    candidates: Sequence[Holder], holds: Mapping[Holder, Iterable[Unit]], size: Mapping[Unit, int]
) -> dict[frozenset[Holder], int]:
    """Bytes by who holds them: those that go when all of a group go. What others hold too is left out."""
    among = set(candidates)
    holders: dict[Unit, list[Holder]] = {}
    kept: set[Unit] = set()
    for holder, units in holds.items():
        if holder not in among:
            kept.update(units)
            continue
        for unit in set(units):
            holders.setdefault(unit, []).append(holder)
    groups: dict[frozenset[Holder], int] = {}
    for unit, who in holders.items():
        if unit not in kept and size[unit]:
            group = frozenset(who)
            groups[group] = groups.get(group, 0) + size[unit]
    return groups


def _fewest(wanted: int, able: Sequence[Holder], groups: Mapping[frozenset[Holder], int]) -> list[Holder]:
    """Every set is tried: bytes of all its subsets by the sum over subsets, a bit for each candidate."""
    bit = {holder: 1 << index for index, holder in enumerate(able)}
    freed = [0] * (1 << len(able))
    for group, bytes_ in groups.items():
        freed[sum(bit[holder] for holder in group)] += bytes_
    for index in range(len(able)):
        step = 1 << index
        for mask in range(len(freed)):
            if mask & step:
                freed[mask] += freed[mask ^ step]
    # Of as few images, those whose newest one is the oldest: the smallest number, newest candidate in the top bit.
    best = min(
        (mask for mask, bytes_ in enumerate(freed) if bytes_ >= wanted), key=lambda mask: (mask.bit_count(), mask)
    )
    return [holder for holder in able if bit[holder] & best]


def _greedy(wanted: int, able: Sequence[Holder], groups: Mapping[frozenset[Holder], int]) -> set[Holder]:
    """Group by group, the one first that brings the most bytes an image; counted anew when the choice changes it."""
    age = {holder: index for index, holder in enumerate(able)}
    left = {key: set(key) for key in groups}  # of each group, who is not chosen yet
    of: dict[Holder, list[frozenset[Holder]]] = {}
    for key in groups:
        for holder in key:
            of.setdefault(holder, []).append(key)

    def gain(going: set[Holder]) -> int:
        """Bytes that go with these beside those already chosen."""
        touched = {key for holder in going for key in of[holder]}
        return sum(groups[key] for key in touched if left[key] and left[key] <= going)

    freed = 0
    chosen: set[Holder] = set()
    number = {key: index for index, key in enumerate(sorted(groups, key=lambda key: sorted(age[item] for item in key)))}

    def offer(key: frozenset[Holder]) -> tuple[float, int, int]:
        """Smaller is better: bytes an image, no more than are wanted; then the older ones."""
        going = left[key]
        return -min(gain(going), wanted - freed) / len(going), max(age[holder] for holder in going), number[key]

    keys = {index: key for key, index in number.items()}
    heap = [offer(key) for key in groups]
    heapq.heapify(heap)
    while freed < wanted and heap:
        key = keys[heapq.heappop(heap)[2]]
        if not left[key]:
            continue
        now = offer(key)
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
            continue
        going = set(left[key])
        freed += gain(going)
        chosen |= going
        for touched in {other for holder in going for other in of[holder]}:
            left[touched] -= going
            if left[touched]:
                heapq.heappush(heap, offer(touched))
    return chosen


def _spared(wanted: int, chosen: Sequence[Holder], groups: Mapping[frozenset[Holder], int]) -> list[Holder]:
    """Without those that the sum does not need, the newest spared first."""
    inside = {key: bytes_ for key, bytes_ in groups.items() if key <= set(chosen)}
    freed = sum(inside.values())
    kept = list(chosen)
    for holder in reversed(chosen):
        lost = [key for key in inside if holder in key]
        without = freed - sum(inside[key] for key in lost)
        if without >= wanted:
            freed = without
            kept.remove(holder)
            for key in lost:
                del inside[key]
    return kept
