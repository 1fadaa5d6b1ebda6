"""A listing as a tree: folders with the bytes of all below them, as far as they are open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from analyzer.selectors.entry_rows import Address, EntryRow, entry_rows
from analyzer.selectors.entry_select import ordered
from analyzer.selectors.entry_source import ROOT, Source

PAGE = 150  # rows; of the merged view they make a page of 110 KiB
GLANCE = 5  # children of a folder that was opened for the viewer, not by them
HEAVY = 0.1  # the share of the whole from which a folder is opened so
MOST_OPENED = 8
SMALL = 60  # rows that are all shown at once
DEEPEST = 100  # folders in each other that are opened for the viewer: a path may have thousands


@dataclass(frozen=True, slots=True)
class More:
    """What is left of a folder: `start` of its rows are shown."""

    deep: int
    at: str
    start: int
    count: int
    size: int
    address: str
    kind: str = "more"


Row = EntryRow | More


@dataclass(slots=True)
class Tree:
    """The rows of a source that matter, in an order."""

    source: Source
    sort: str
    address: Address = lambda path, opens: ""
    more_address: Callable[[bytes], str] = lambda path: ""

    def rows(self, opened: frozenset[bytes], limit: int = PAGE) -> list[Row]:
        """All rows that show when these folders are open, `limit` of each folder."""
        return list(self._walk(ROOT, 0, opened, limit))

    def children(self, folder: bytes, deep: int, start: int = 0) -> list[Row]:
        """One page of a folder's rows, all of them closed. Empty if there is no such folder."""
        ordinal = ROOT if not folder else self.source.listing.ordinal(folder)
        if ordinal is None:
            return []
        return list(self._page(ordinal, deep, frozenset(), start, PAGE))

    def glance(self) -> tuple[frozenset[bytes], int]:
        """The folders that say most about what is inside, and how many rows of each to show at first."""
        paths, below = self.source.listing.paths, self.source.below
        if self.source.count <= SMALL:
            held = zip(paths, below, strict=True)
            return frozenset(path for path, count in held if count and path.count(b"/") < DEEPEST), PAGE
        heavy = HEAVY * self._weight(ROOT)
        opened: set[bytes] = set()
        candidates = [ROOT]
        while candidates and len(opened) < MOST_OPENED:
            folder = max(candidates, key=self._weight)
            candidates.remove(folder)
            if folder != ROOT:
                opened.add(paths[folder])
            candidates += [row for row in self._children(folder) if below[row] and self._weight(row) >= heavy]
        return frozenset(opened), GLANCE

    def _weight(self, row: int) -> int:
        """What makes a folder worth opening: its bytes; where rows are picked, how many of them are in it."""
        source = self.source
        if source.mask is not None:
            return source.count if row == ROOT else source.below[row]
        return source.size if row == ROOT else source.totals[row]

    def _walk(self, folder: int, deep: int, opened: frozenset[bytes], limit: int) -> Iterator[Row]:
        for row in self._page(folder, deep, opened, 0, max(limit, 2 * GLANCE) if folder == ROOT else limit):
            yield row
            if isinstance(row, EntryRow) and row.is_open:
                yield from self._walk(row.ordinal, deep + 1, opened, limit)

    def _page(self, folder: int, deep: int, opened: frozenset[bytes], start: int, limit: int) -> Iterator[Row]:
        source = self.source
        rows = ordered(source, self._children(folder), self.sort, cumulated=True)
        end = start + limit
        # "1 more" would take the place of the row itself.
        end += len(rows) == end + 1
        yield from entry_rows(source, rows[start:end], deep=deep, opened=opened, address=self.address)
        if rest := rows[end:]:
            path = b"" if folder == ROOT else source.listing.paths[folder]
            size = sum(source.totals[row] for row in rest)
            yield More(deep, quote_from_bytes(path), end, len(rest), size, self.more_address(path))

    def _children(self, folder: int) -> list[int]:
        """The children of a folder that show, by path."""
        shows = self.source.shows
        return [row for row in self.source.listing.children(folder) if shows(row)]
