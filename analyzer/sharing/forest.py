"""The chain forest: every chain on the one it stands on, as boxes of an icicle that stays drawable whatever its size.

A box is a layer on what lies under it. Its width is the bytes from there up: its own and those of all that stands
on it; where nothing does, its own. So the boxes on one never reach over its edges, and what they leave open is its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True)
class Node:
    """A chain: `size` is its own layer's bytes, `ends` the number of images that it is the top of."""

    key: int
    parent: int | None
    size: int
    ends: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the forest: the chain `at` with all that stands on it, or what stands on it from the `start`th on.

    Without `at` it is the roots.
    """

    at: int | None = None
    start: int | None = None


class Forest:
    """Chains with what stands on them. A parent that is not among the nodes is as good as none."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes: dict[int, Node] = {node.key: node for node in nodes}
        self.parents: dict[int, int | None] = {
            key: node.parent if node.parent in self.nodes else None for key, node in self.nodes.items()
        }
        children: dict[int | None, list[int]] = {}
        for key, parent in self.parents.items():
            children.setdefault(parent, []).append(key)
        below_first = _from_the_roots(children)
        self.above: dict[int, int] = {key: self.nodes[key].size for key in below_first}
        self.images: dict[int, int] = {key: self.nodes[key].ends for key in below_first}
        self.under: dict[int, int] = {}
        for key in below_first:
            parent = self.parents[key]
            self.under[key] = self.nodes[key].size + (self.under[parent] if parent is not None else 0)
        for key in reversed(below_first):
            parent = self.parents[key]
            if parent is not None:
                self.above[parent] += self.above[key]
                self.images[parent] += self.images[key]
        for siblings in children.values():
            siblings.sort(key=lambda key: (-self.above[key], key))
        self._children: Mapping[int | None, Sequence[int]] = children

    def on(self, key: int | None) -> Sequence[int]:
        """What stands directly on the chain, the most bytes first; the roots for None."""
        return self._children.get(key, ())

    def at(self, place: Place) -> Sequence[int]:
        """The chains at the bottom of `place`."""
        if place.at is not None and place.start is None:
            return (place.at,)
        return self.on(place.at)[place.start or 0 :]

    def path(self, key: int) -> list[int]:
        """The chain and those it stands on, the root first."""
        found = [key]
        while (parent := self.parents[found[-1]]) is not None:
            found.append(parent)
        return found[::-1]

    def walk(self, bottoms: Iterable[int]) -> Iterator[int]:
        """The chains and all that stands on them: each before what stands on it, the most bytes first."""
        waiting = list(bottoms)[::-1]
        while waiting:
            key = waiting.pop()
            yield key
            waiting += reversed(self.on(key))


def _from_the_roots(children: Mapping[int | None, Sequence[int]]) -> list[int]:
    order = list(children.get(None, ()))
    for key in order:  # grows as it is walked
        order += children.get(key, ())
    return order


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the icicle; all measures are bytes.

    `keys` are a chain, a run of chains of which each carries only the next (bottom first), or, where `more`, the
    chains that are too narrow to be drawn, with all that stands on them: those on `on` from the `start`th on.
    """

    keys: tuple[int, ...]
    parent: int  # the box it stands on, as an index; -1 at the bottom
    left: int
    width: int
    own: int  # of `keys` alone, without what stands on them
    images: int
    more: bool = False
    on: int | None = None
    start: int = 0


def boxes(forest: Forest, place: Place, *, most: int, least: int = 0, fold: bool = False) -> list[Box]:
    """The boxes of `place`, each after the one it stands on; at most `most` (≥ 1), and no chain is left out.

    The widest are opened first. Chains narrower than `least` bytes stand in one box with their narrower siblings,
    but at the bottom, where that would open nothing; `fold` draws a run of chains as one box, up to where it branches
    or an image ends.
    """
    return _Drawing(forest, most, least, fold).drawn(place)


class _Drawing:
    def __init__(self, forest: Forest, most: int, least: int, fold: bool) -> None:
        self.forest = forest
        self.most = most
        self.least = least
        self.fold = fold
        self.boxes: list[Box] = []
        self.closed: list[tuple[int, int]] = []  # boxes whose children wait for their turn: the widest first

    def drawn(self, place: Place) -> list[Box]:
        on = place.at if place.at is None or place.start is not None else self.forest.parents[place.at]
        self._set_out(self.forest.at(place), -1, 0, on, place.start or 0)
        while self.closed:
            _, index = heappop(self.closed)
            box = self.boxes[index]
            self._set_out(self.forest.on(box.keys[-1]), index, box.left, box.keys[-1], 0)
        return self.boxes

    def _set_out(self, siblings: Sequence[int], parent: int, left: int, on: int | None, start: int) -> None:
        # Each box that waits has one place kept for it: all that stands on it may come to one box.
        room = self.most - len(self.boxes) - len(self.closed)
        taken = 0
        for place, key in enumerate(siblings):
            last = place == len(siblings) - 1
            run = self._run(key)
            carries = bool(self.forest.on(run[-1]))
            alone = last and taken == place  # the only one that is left: a box for one is as good as its own
            narrow = parent >= 0 and self.forest.above[key] < self.least and not alone
            if narrow or room - 1 - carries < (not last):
                break
            room -= 1 + carries
            taken += 1
            own = sum(self.forest.nodes[each].size for each in run)
            self.boxes.append(Box(run, parent, left, self.forest.above[key], own, self.forest.images[key], on=on))
            if carries:
                heappush(self.closed, (-self.forest.above[key], len(self.boxes) - 1))
            left += self.forest.above[key]
        if rest := tuple(siblings[taken:]):
            width = sum(self.forest.above[key] for key in rest)
            images = sum(self.forest.images[key] for key in rest)
            own = sum(self.forest.nodes[key].size for key in rest)
            self.boxes.append(Box(rest, parent, left, width, own, images, more=True, on=on, start=start + taken))

    def _run(self, key: int) -> tuple[int, ...]:
        run = [key]
        while self.fold and not self.forest.nodes[run[-1]].ends and len(self.forest.on(run[-1])) == 1:
            run.append(self.forest.on(run[-1])[0])
        return tuple(run)
