"""A layer's bytes by folder: the tiles of its treemap, and the few folders that say most."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from analyzer.charts.treemap import Tile
from analyzer.filetree.listing import Listing
from analyzer.models import Layer
from analyzer.selectors.entry_source import ROOT
from analyzer.selectors.listings import listing_of
from analyzer.selectors.memo import Memo
from analyzer.selectors.shown import shown

MOST_TILES = 400  # Plotly takes about a millisecond for each; 1,500 is what a page can bear
MOST_OF_FOLDER = 60
LEAST = 1_500  # a tile is at least this fraction of the whole
DEEPEST = 5
LARGE = 0.6  # the share from which a folder is told by what is in it
MOST_PARTS = 7
TONES = (1.0, 0.86, 0.74, 0.42, 0.36, 0.3, 0.26)  # none between, where neither text colour reads well on both papers
AROUND = 0.22  # what is around or beside those
SHADE = 0.05

MOST_TOP = 4

Address = Callable[[bytes], str]

_tops: Memo[tuple[tuple[str, int], ...]] = Memo(10_000, lambda tops: 1)


@dataclass(frozen=True, slots=True)
class Part:
    """A folder or file of those that say most; what is left has no path."""

    path: bytes | None
    name: str
    size: int
    is_folder: bool


@dataclass(frozen=True, slots=True)
class LayerMap:
    at: bytes  # the folder that is shown; b"" is the whole layer
    size: int
    parts: tuple[Part, ...]  # most bytes first, then what is left
    trail: tuple[tuple[bytes, str], ...]  # the folders above, the layer first


def top_of(layer: Layer) -> tuple[tuple[str, int], ...]:
    """The layer's largest top-level entries with their bytes. Two queries at most, none if it was asked lately."""
    kept = _tops.get(layer.diff_id)
    if kept is None:
        listing = listing_of(layer)
        rows = _children(listing, ROOT)[:MOST_TOP]
        kept = tuple((shown(listing.paths[row]), listing.totals[row]) for row in rows if listing.totals[row])
        _tops.put(layer.diff_id, kept)
    return kept


def map_of(listing: Listing, at: bytes) -> LayerMap | None:
    """The few parts that say most of the folder `at`; None if there is no such folder."""
    folder = ROOT if not at else listing.ordinal(at)
    if folder is None or (folder != ROOT and not listing.below[folder]):
        return None
    size = _total(listing, folder)
    rows = _telling(listing, folder)
    within = len(at) + 1 if at else 0  # names are told from the folder on
    shown_rows = rows[:MOST_PARTS] if len(rows) > MOST_PARTS + 1 else rows
    parts = [
        Part(listing.paths[row], shown(listing.paths[row][within:]), listing.totals[row], listing.below[row] > 0)
        for row in shown_rows
    ]
    left = size - sum(part.size for part in parts)
    if left or len(rows) > len(parts):
        parts.append(Part(None, f"{len(rows) - len(parts):,} more", left, is_folder=False))
    names = at.split(b"/") if at else []
    trail = tuple((b"/".join(names[: end + 1]), shown(names[end])) for end in range(len(names)))
    return LayerMap(at, size, tuple(parts), trail)


def tiles_of(listing: Listing, at: bytes, name: str, address: Address) -> list[Tile]:
    """The treemap of the folder `at`: the largest folders opened, what is small of each in one tile.

    `name` is what the whole is called, `address` where a click on a folder leads. At most MOST_TILES.
    """
    root = ROOT if not at else listing.ordinal(at)
    if root is None:
        return []
    whole = _total(listing, root)
    tones = dict(zip(_telling(listing, root), TONES, strict=False))
    tiles = [Tile(str(root), "", name, name, whole, 0.0, None)]
    queue: list[tuple[int, int, int, float]] = [(-whole, root, 0, AROUND)]
    while queue and len(tiles) < MOST_TILES - MOST_OF_FOLDER:
        _, folder, deep, tone = heappop(queue)
        rows = _children(listing, folder)
        large = [row for row in rows[:MOST_OF_FOLDER] if listing.totals[row] * LEAST >= whole > 0]
        for place, row in enumerate(large):
            path, is_folder = listing.paths[row], listing.below[row] > 0
            # What says most has a tone of its own, and all in it two shades of that.
            shade = tones.get(row, tone)
            tiles.append(
                Tile(
                    key=str(row),
                    parent=str(folder),
                    name=shown(path.rpartition(b"/")[2]) + ("/" if is_folder else ""),
                    title=shown(path),
                    size=listing.totals[row],
                    tone=shade - SHADE * (place % 2),
                    address=address(path) if is_folder else None,
                )
            )
            if is_folder and deep + 1 < DEEPEST:
                heappush(queue, (-listing.totals[row], row, deep + 1, shade))
        if left := sum(listing.totals[row] for row in rows[len(large) :]):
            title = shown(listing.paths[folder]) + "/…" if folder != ROOT else "…"
            count = len(rows) - len(large)
            tiles.append(Tile(f"{folder}+", str(folder), f"{count:,} more", title, left, tone - SHADE, None))
    return tiles


def _total(listing: Listing, folder: int) -> int:
    return listing.size if folder == ROOT else listing.totals[folder]


def _children(listing: Listing, folder: int) -> list[int]:
    """Most bytes first."""
    return sorted(listing.children(folder), key=listing.totals.__getitem__, reverse=True)


def _telling(listing: Listing, folder: int) -> list[int]:
    """What is in the folder; of a part that is nearly all of it, rather what is in that one."""
    rows = _children(listing, folder)
    whole = _total(listing, folder)
    for _ in range(DEEPEST):
        first = rows[0] if rows else ROOT
        if first == ROOT or listing.totals[first] < LARGE * whole or not listing.below[first]:
            break
        rows = sorted([*_children(listing, first), *rows[1:]], key=listing.totals.__getitem__, reverse=True)
    return rows
