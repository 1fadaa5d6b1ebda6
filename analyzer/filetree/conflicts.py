"""Layers that contradict themselves: an entry that is no folder, and entries below it.

No engine writes such a layer, and no two agree on reading one. Here the later of the two in the tar stays and
the earlier is dead on arrival (type_changed), as with a path that stands twice. It has still replaced what the
chain below had in its place.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.filetree.entry import Kind

_MARKS = (Kind.WHITEOUT, Kind.OPAQUE)


@dataclass(frozen=True, slots=True)
class Conflicts:
    """All by ordinal. Empty for nearly every layer."""

    lost: Mapping[int, int] = field(default_factory=dict)  # entry → the one that takes its place, in the tar's order
    stand_ins: frozenset[int] = frozenset()  # no folder by its entry, but a folder stands there for what lies below
    idle: frozenset[int] = frozenset()  # implied folders that no entry of the merged view needs

    def __bool__(self) -> bool:
        return bool(self.lost or self.stand_ins or self.idle)

    def to_json(self) -> str:
        return json.dumps([list(self.lost.items()), sorted(self.stand_ins), sorted(self.idle)])

    @classmethod
    def from_json(cls, text: str) -> "Conflicts":
        lost, stand_ins, idle = json.loads(text)
        return cls(dict(lost), frozenset(stand_ins), frozenset(idle))


def find(kinds: bytes, implied: bytes, parents: Sequence[int], positions: Sequence[int]) -> Conflicts:
    """The conflicts of a sorted listing; `positions` is each explicit row's place in the tar."""
    odd = any(kinds[folder] not in (Kind.DIR, Kind.AUFS) for folder in set(parents) if folder >= 0)
    if not odd and Kind.AUFS not in kinds:
        return Conflicts()
    lost = _lost(kinds, implied, parents, positions) if odd else {}
    needed = _needed(kinds, implied, parents, lost)
    idle, stand_ins = set(), set()
    closed: set[int] = set()  # rows that stand as no folder, and all below them
    for ordinal, kind in enumerate(kinds):
        if (_is_file(kind) and ordinal not in lost) or kind == Kind.AUFS or parents[ordinal] in closed:
            closed.add(ordinal)
        elif ordinal in needed and (ordinal in lost or kind in _MARKS):
            stand_ins.add(ordinal)
        if implied[ordinal] and (ordinal not in needed or ordinal in closed):
            idle.add(ordinal)
    return Conflicts(lost, frozenset(stand_ins), frozenset(idle))


def _lost(kinds: bytes, implied: bytes, parents: Sequence[int], positions: Sequence[int]) -> dict[int, int]:
    """Of an entry and one above it that is no folder, the earlier in the tar."""
    by_ancestor: dict[int, int] = {}
    by_descendant: dict[int, int] = {}
    file_above: list[int] = []  # the nearest entry above that is no folder, or -1
    for ordinal, kind in enumerate(kinds):
        parent = parents[ordinal]
        above = parent if parent >= 0 and _is_file(kinds[parent]) else file_above[parent] if parent >= 0 else -1
        file_above.append(above)
        if implied[ordinal] or kind > Kind.FIFO:
            continue
        while above >= 0:
            if positions[above] > positions[ordinal]:
                by_ancestor.setdefault(ordinal, above)
            else:
                by_descendant.setdefault(above, ordinal)
            above = file_above[above]
    lost = {**by_descendant, **by_ancestor}
    return {ordinal: lost[ordinal] for ordinal in sorted(lost, key=positions.__getitem__)}


def _is_file(kind: int) -> bool:
    return kind <= Kind.FIFO and kind != Kind.DIR


def _needed(kinds: bytes, implied: bytes, parents: Sequence[int], lost: Mapping[int, int]) -> set[int]:
    """Rows with anything below that the merged view shows, or that hides something of it."""
    needed: set[int] = set()
    for ordinal, kind in enumerate(kinds):
        if implied[ordinal] or kind == Kind.AUFS or ordinal in lost:
            continue
        above = parents[ordinal]
        while above >= 0 and above not in needed:
            needed.add(above)
            above = parents[above]
    return needed
