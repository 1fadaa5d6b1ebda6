"""Why two layers with the same contents have different digests: what differs, entry by entry."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise

from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing

REASONS = ("files", "moved", "entries", "owner", "mode", "mtime", "links", "xattrs", "order", "framing")
"""In the order in which they are told. `framing` is what is left when everything that a layer says is the same."""


@dataclass(slots=True)
class Difference:
    """How many paths differ in what. Two layers may differ in several ways at once.

    `files`: regular files of other bytes, or on one side only whose bytes the other side has nowhere; `moved`: the
    same bytes under another name; `entries`: folders, links, whiteouts and so on that only one side has, or of another
    kind; the rest are attributes of paths on both sides. `order`: members that both tars have stand in another order.
    `framing`: none of all this, so the tars differ in how they are written (headers, padding, what is at the end).
    """

    files: int = 0
    moved: int = 0
    entries: int = 0
    owner: int = 0
    mode: int = 0
    mtime: int = 0
    links: int = 0
    xattrs: int = 0
    order: int = 0
    framing: int = 0

    @property
    def reasons(self) -> tuple[str, ...]:
        """The names of what differs, in the order of REASONS."""
        return tuple(name for name in REASONS if getattr(self, name))

    def as_json(self) -> dict[str, int]:
        """What differs, with the number of paths."""
        return {name: count for name, count in asdict(self).items() if count}


def difference(first: Listing, second: Listing) -> Difference:
    """What keeps the two layers from being one. Folders that are only implied say nothing about a tar."""
    found = Difference()
    rows = {path: row for row, path in enumerate(second.paths) if not second.implied[row]}
    both: list[tuple[int, int]] = []
    alone: list[int] = []
    for row, path in enumerate(first.paths):
        if first.implied[row]:
            continue
        facing = rows.pop(path, None)
        if facing is None:
            alone.append(row)
        else:
            both.append((row, facing))
    for row, facing in both:
        _compare(found, first, row, second, facing)
    _alone(found, first, alone, second)
    _alone(found, second, rows.values(), first)
    found.order = int(_reordered(first, second, both))
    found.framing = int(not found.reasons)
    return found


def _compare(found: Difference, first: Listing, row: int, second: Listing, facing: int) -> None:
    if first.kinds[row] != second.kinds[facing]:
        found.entries += 1
        return
    found.files += first.sha256s[row] != second.sha256s[facing]
    found.links += first.links[row] != second.links[facing]
    found.owner += (first.uids[row], first.gids[row]) != (second.uids[facing], second.gids[facing])
    found.mode += first.modes[row] != second.modes[facing]
    found.mtime += first.mtimes[row] != second.mtimes[facing]
    found.xattrs += first.xattrs[row] != second.xattrs[facing]


def _alone(found: Difference, listing: Listing, rows: Iterable[int], other: Listing) -> None:
    held: set[bytes | None] | None = None
    for row in rows:
        if listing.kinds[row] != Kind.FILE:
            found.entries += 1
            continue
        held = held if held is not None else set(other.sha256s)
        if listing.sha256s[row] in held:
            found.moved += 1
        else:
            found.files += 1


def _reordered(first: Listing, second: Listing, both: list[tuple[int, int]]) -> bool:
    """Whether the paths of both sides stand in another order; sparse files say nothing of where they are."""
    placed = [(first.offsets[row], second.offsets[facing]) for row, facing in both]
    placed = sorted(pair for pair in placed if min(pair) >= 0)
    return any(later[1] < earlier[1] for earlier, later in pairwise(placed))
