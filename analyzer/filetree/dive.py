"""The figures of dive 0.13, computed as its own code does, to stand beside ours (domain.md, "dive-compatible")."""

from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from typing import NamedTuple

from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing

_FILES = bytes(kind == Kind.FILE for kind in range(256))
_EMPTY = bytes(kind in (Kind.SYMLINK, Kind.HARDLINK, Kind.CHAR, Kind.BLOCK, Kind.FIFO) for kind in range(256))


class DiveFigures(NamedTuple):
    """Of a chain, in bytes."""

    cumulative: int = 0  # sum over all paths and layers
    minimal: int = 0  # sum over all paths of the smallest
    wasted: int = 0  # cumulative, over the paths that were seen twice or more


def efficiency(minimal: int, cumulative: int) -> float:
    """dive's efficiency, 0 to 1."""
    return minimal / cumulative if cumulative else 1.0


def user_wasted_percent(wasted: int, image_size: int, bottom_size: int) -> float:
    """dive's wasted share of the bytes above the bottom layer, 0 to 100 and more; 0 if there are none."""
    above = image_size - bottom_size
    return 100 * wasted / above if above else 0.0


class DiveTally:
    """Counts every path that is not a directory, layer by layer. Opaque markers and aufs names are no paths to dive."""

    def __init__(self) -> None:
        self.figures = DiveFigures()
        self._first: dict[bytes, int] = {}  # bytes of a path when it was first seen
        self._again: dict[bytes, tuple[int, int]] = {}  # sum and smallest of a path seen twice or more

    def add(self, listing: Listing, whiteouts: Iterable[tuple[bytes, int]]) -> DiveFigures:
        """Counts one more layer; returns the figures up to it.

        `whiteouts` are the paths that the layer's whiteouts name, each with the bytes of the files that the chain
        below shows under it. A file and the whiteout of its path in one layer are seen as two.
        """
        files, empty = listing.kinds.translate(_FILES), listing.kinds.translate(_EMPTY)
        self._count(list(compress(listing.paths, files)), list(compress(listing.sizes, files)))
        if 1 in empty:
            paths = list(compress(listing.paths, empty))
            self._count(paths, list(repeat(0, len(paths))))
        for path, size in whiteouts:
            self._count([path], [size])
        return self.figures

    def _count(self, paths: Sequence[bytes], sizes: Sequence[int]) -> None:
        """Counts paths of which none stands twice here."""
        first, again = self._first, self._again
        cumulative = fresh = sum(sizes)
        wasted = lowered = 0
        if not first.keys().isdisjoint(paths):
            for path, size in zip(paths, sizes, strict=True):
                if path not in first:
                    continue
                total, smallest = again.get(path) or (first[path], first[path])
                wasted += size if path in again else size + total
                lowered += smallest - min(smallest, size)
                fresh -= size
                again[path] = (total + size, min(smallest, size))
        first.update(zip(paths, sizes, strict=True))
        old = self.figures
        self.figures = DiveFigures(old.cumulative + cumulative, old.minimal + fresh - lowered, old.wasted + wasted)
