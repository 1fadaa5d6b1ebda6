"""What two layers have in common by content, and which few files keep them apart.

A layer's contents are the distinct bytes of its regular files, each counted once, however many names it has in the
layer. Two layers have in common the contents that both hold; the share is that of the larger layer's content bytes
(domain words: "near-miss layers").
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

from analyzer.filetree.listing import Listing

Contents: TypeAlias = Mapping[bytes, int]
"""sha256 → bytes."""

NEAR = (9, 10)
"""What has to be in common of the larger layer: nine tenths."""

MOST_ASIDE = 10
"""Files that may be set aside for it."""

MOST_CHOICES = 256
"""Files that are chosen among, and choices of as many files each that are kept: only made-up layers reach it."""


@dataclass(frozen=True, slots=True)
class Files:
    """A layer's contents, and where they lie: rows of paths and sha256 (None for what is no regular file)."""

    contents: Contents
    paths: Sequence[bytes]
    sha256s: Sequence[bytes | None]

    @classmethod
    def of(cls, listing: Listing) -> Self:
        """Of a listing that was read with its columns path, size and sha256."""
        sized = zip(listing.sha256s, listing.sizes, strict=True)
        return cls({sha256: size for sha256, size in sized if sha256 is not None}, listing.paths, listing.sha256s)

    def names(self, contents: Collection[bytes]) -> dict[bytes, list[bytes]]:
        """The paths of each of these contents, in the order of the listing."""
        found: dict[bytes, list[bytes]] = {}
        for path, sha256 in zip(self.paths, self.sha256s, strict=True):
            if sha256 is not None and sha256 in contents:
                found.setdefault(sha256, []).append(path)
        return found


@dataclass(frozen=True, slots=True)
class Differing:
    """A file that keeps two layers apart: bytes that only the first, and bytes that only the second holds at `path`.

    0 where that side has nothing of its own there.
    """

    path: bytes
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two layers beside each other. Sizes are bytes of distinct contents."""

    common: int
    first: int
    second: int
    files: int  # contents in common
    differing: tuple[Differing, ...]  # the heaviest first, all of them
    aside: tuple[Differing, ...] = ()  # those that are set aside, the heaviest first

    @property
    def larger(self) -> int:
        return max(self.first, self.second)

    @property
    def rest(self) -> int:
        """What the larger layer holds when those files are set aside on both sides."""
        first = self.first - sum(item.first for item in self.aside)
        return max(first, self.second - sum(item.second for item in self.aside))

    @property
    def near(self) -> bool:
        """Whether enough is in common, now that some files are set aside."""
        return is_near(self.common, self.rest)


def is_near(common: int, whole: int) -> bool:
    """Whether `common` is nine tenths of `whole`, in integers: no rounding decides."""
    return common * NEAR[1] >= whole * NEAR[0]


def near_overlap(first: Files, second: Files) -> Overlap | None:
    """The two layers compared, if they are near: at once, or with the files set aside that bring them there.

    A file that is set aside takes its content out of the layer, and what the other layer has at the same path if that
    is not in common either. Setting aside what is in common would only lessen the share, so the choice is among files
    that differ. Of all choices of at most ten the fewest files are taken that reach nine tenths, and of those the
    choice that leaves the largest share in common. None if ten don't reach it, or nothing is in common.
    """
    shared = first.contents.keys() & second.contents.keys()
    common = sum(first.contents[sha256] for sha256 in shared)
    if not common or not all(_reachable(common, each, shared) for each in (first.contents, second.contents)):
        return None
    sums = sum(first.contents.values()), sum(second.contents.values())
    found = Overlap(common, *sums, len(shared), _differing(first, second))
    if found.near:
        return found
    chosen = (replace(found, aside=choice) for choice in _choices(found))
    return next((choice for choice in chosen if choice.near), None)


def _reachable(common: int, contents: Contents, shared: Collection[bytes]) -> bool:
    """Whether ten files could be enough if this side chose alone."""
    apart = sorted((size for sha256, size in contents.items() if sha256 not in shared), reverse=True)
    return is_near(common, common + sum(apart[MOST_ASIDE:]))


def _differing(first: Files, second: Files) -> tuple[Differing, ...]:
    """Every content that only one side holds, in one file with what differs at the same path."""
    own = {sha256: size for sha256, size in first.contents.items() if sha256 not in second.contents}
    other = {sha256: size for sha256, size in second.contents.items() if sha256 not in first.contents}
    names, names_there = first.names(own), second.names(other)
    at = {path: sha256 for sha256, paths in names_there.items() for path in paths}
    met: set[bytes] = set()
    found = []
    for path, sha256 in sorted((paths[0], sha256) for sha256, paths in names.items()):
        facing = next(((name, at[name]) for name in names[sha256] if name in at and at[name] not in met), (path, b""))
        met.add(facing[1])
        found.append(Differing(facing[0], own[sha256], other.get(facing[1], 0)))
    found += [Differing(names_there[sha256][0], 0, size) for sha256, size in other.items() if sha256 not in met]
    return tuple(sorted(found, key=lambda item: (-max(item.first, item.second), item.path)))


def _choices(found: Overlap) -> Iterable[tuple[Differing, ...]]:
    """The best choice of one file, of two, … of ten.

    The best leaves the larger side as small as can be, which is one figure for two weights: choices that another one of
    as many files beats on both sides are dropped, file by file, and what is left is compared at the end. That is exact
    up to MOST_CHOICES of each number of files.
    """
    kept: list[list[tuple[int, int, tuple[Differing, ...]]]] = [[(0, 0, ())], *([] for _ in range(MOST_ASIDE))]
    for item in _unbeaten(found.differing):
        for number in range(MOST_ASIDE, 0, -1):
            more = [(a + item.first, b + item.second, (*chosen, item)) for a, b, chosen in kept[number - 1]]
            if more:
                kept[number] = _front(kept[number] + more, found)
    for choices in kept[1:]:
        if choices:
            yield min(choices, key=lambda each: max(found.first - each[0], found.second - each[1]))[2]


def _unbeaten(items: Sequence[Differing]) -> list[Differing]:
    """Without the files that ten others outweigh on both sides: one of those can always stand in."""
    best: list[int] = []  # the ten largest weights of the second side so far
    left = []
    for item in sorted(items, key=lambda item: (-item.first, -item.second, item.path)):
        if len(best) == MOST_ASIDE and best[-1] >= item.second:
            continue
        left.append(item)
        best = sorted([*best, item.second], reverse=True)[:MOST_ASIDE]
    return sorted(left, key=lambda item: (-max(item.first, item.second), item.path))[:MOST_CHOICES]


def _front(
    choices: list[tuple[int, int, tuple[Differing, ...]]], found: Overlap
) -> list[tuple[int, int, tuple[Differing, ...]]]:
    front = []
    most = -1
    for choice in sorted(choices, key=lambda each: (-each[0], -each[1])):
        if choice[1] > most:
            most = choice[1]
            front.append(choice)
    if len(front) > MOST_CHOICES:
        front.sort(key=lambda each: max(found.first - each[0], found.second - each[1]))
        del front[MOST_CHOICES:]
    return front
