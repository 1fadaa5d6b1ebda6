"""Entries of a listing as the rows of a table: a layer's with its changes, a merged view's with who provides them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from analyzer.filetree.compare import labels
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change
from analyzer.filetree.lookup import span_below
from analyzer.filetree.whiteout import is_bare, target
from analyzer.selectors.entries import time_text
from analyzer.selectors.entry_source import Source
from analyzer.selectors.shown import shown

_COMMON = frozenset({"file", "dir", "symlink", "hardlink", "whiteout"})
MOST_SEGMENTS = 12  # layers that a folder's bar tells apart

Address = Callable[[bytes, bool], str]
"""The address that opens (True) or closes a folder, for browsers without scripts."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a folder's bytes that one layer provides."""

    diff_id: str
    share: float


@dataclass(frozen=True, slots=True)
class EntryRow:
    ordinal: int
    name: str  # its last component, or the whole path where the list is flat
    path: str
    at: str  # the path for an address, percent-encoded
    kind: str
    deep: int
    is_open: bool | None  # None: nothing to open
    address: str  # of the opened or closed folder
    size: int | None  # bytes, a folder's with all below it; None for whiteouts
    hides: int | None  # of a whiteout or marker: bytes of lower layers
    width: float  # of the bar: the share of the whole, 0 to 1
    below: int | None  # entries in the folder
    change: str
    words: str  # what changed of a modified entry
    counts: tuple[tuple[str, int], ...]  # changes below a folder
    mode: str
    mtime: str
    link: str
    provider: str  # diffID of the layer that provides it, in a merged view
    segments: tuple[Segment, ...]

    @property
    def marked(self) -> bool:
        """Whether its kind is said in words: it is no plain file, folder or link."""
        return self.kind not in _COMMON


def entry_rows(
    source: Source,
    ordinals: Iterable[int],
    *,
    deep: int = 0,
    flat: bool = False,
    opened: frozenset[bytes] = frozenset(),
    address: Address = lambda path, opens: "",
) -> list[EntryRow]:
    """A row for each ordinal, in their order."""
    return [_row(source, ordinal, deep, flat, opened, address) for ordinal in ordinals]


def _row(source: Source, ordinal: int, deep: int, flat: bool, opened: frozenset[bytes], address: Address) -> EntryRow:
    listing = source.listing
    path, kind = listing.paths[ordinal], Kind(listing.kinds[ordinal])
    below = source.below[ordinal]
    can_open = bool(below) and not flat
    hides = kind in {Kind.WHITEOUT, Kind.OPAQUE}
    span = span_below(listing.paths, path) if below and not flat else range(0)
    size = listing.sizes[ordinal] if flat else source.totals[ordinal]
    change, words = _change(source, ordinal)
    link = listing.links[ordinal]
    return EntryRow(
        ordinal=ordinal,
        name=_name(path, kind, flat),
        path=shown(path),
        at=quote_from_bytes(path),
        kind=kind.label,
        deep=deep,
        is_open=path in opened if can_open else None,
        address=address(path, path not in opened) if can_open else "",
        size=None if hides else size,
        hides=source.hides.get(ordinal, 0) if hides else None,
        width=size / source.whole if source.whole else 0.0,
        below=below if kind is Kind.DIR else None,
        change=change,
        words=words,
        counts=_counts(source, span) if span else (),
        mode="" if hides or kind is Kind.AUFS else f"{listing.modes[ordinal]:04o}",
        mtime="" if listing.implied[ordinal] else _minute(listing.mtimes[ordinal]),
        link=shown(link) if link is not None else "",
        provider=source.diff_ids[source.layers[ordinal]] if source.layers else "",
        segments=_segments(source, ordinal) if span else (),
    )


def _name(path: bytes, kind: Kind, flat: bool) -> str:
    """Whiteouts go by the name of what they hide, a marker by what it does to its folder."""
    if kind is Kind.WHITEOUT and not is_bare(path):
        path = target(path)
    name = path if flat else path.rpartition(b"/")[2]
    return shown(name) + ("/" if kind is Kind.DIR else "")


def _change(source: Source, ordinal: int) -> tuple[str, str]:
    if source.diff is None:
        return "", ""
    change = Change(source.diff.changes[ordinal])
    if change is not Change.MODIFIED:
        return change.label, ""
    return change.label, ", ".join(labels(source.diff.changed[ordinal])) or "identical copy"


def _counts(source: Source, span: range) -> tuple[tuple[str, int], ...]:
    below = source.changes[span.start : span.stop]
    counted = ((change.label, below.count(change)) for change in (Change.ADDED, Change.MODIFIED, Change.REMOVED))
    return tuple((label, count) for label, count in counted if count)


def _segments(source: Source, ordinal: int) -> tuple[Segment, ...]:
    """Who provides the bytes of a folder, most first; what is too little to be seen is left out."""
    by_layer = source.providers.get(ordinal, {})
    total = sum(by_layer.values())
    parts = sorted(by_layer.items(), key=lambda part: -part[1])[:MOST_SEGMENTS]
    return tuple(Segment(source.diff_ids[layer], size / total) for layer, size in parts if size * 200 >= total)


def _minute(nanoseconds: int) -> str:
    """`2026-11-24 05:50`, UTC."""
    text = time_text(nanoseconds)
    return text[:16].replace("T", " ") if text else "?"
