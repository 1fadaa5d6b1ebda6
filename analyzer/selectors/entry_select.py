"""Which entries of a listing a viewer asked for: by name or glob, kind and change; and in which order."""

from collections.abc import Callable, Sequence
from typing import Any

from analyzer.filetree.entry import Kind
from analyzer.filetree.globs import glob_pattern, is_glob
from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.selectors.entry_source import Source

SORTS = ("name", "size", "entries", "change", "mode", "mtime", "layer")
KINDS = {kind.label: kind for kind in Kind}
CHANGES = {change.label: change for change in (Change.ADDED, Change.MODIFIED, Change.REMOVED, Change.UNCHANGED)}


def mask_of(listing: Listing, diff: LayerDiff | None, text: str, kind: str, change: str) -> bytes | None:
    """1 for each row that matches all of them; None where nothing is asked for. Unknown words match nothing."""
    masks: list[Any] = []
    if text:
        masks.append(named(listing.table.column("path"), text))
    if kind:
        masks.append(_equal(listing.kinds, KINDS.get(kind)))
        masks.append(_equal(listing.implied, 0))  # kinds are counted without folders that are only implied
    if change:
        masks.append(_equal(diff.changes, CHANGES.get(change)) if diff else bytes(len(listing)))
    if not masks:
        return None
    mask = masks[0]
    for other in masks[1:]:
        mask = bytes(a & b for a, b in zip(mask, other, strict=True))
    return bytes(mask)


def _equal(column: bytes, value: int | None) -> bytes:
    return column.translate(bytes(code == value for code in range(256)))


def named(paths: Any, text: str) -> bytes:
    """1 for each path (an Arrow column) that contains the text, whatever its case; or matches it, if it is a glob."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if is_glob(text):
        # RE2, in time linear in the path whatever the pattern; on bytes it reads the pattern byte by byte.
        try:
            found = pc.match_substring_regex(paths, glob_pattern(text), ignore_case=True)
        except pa.ArrowInvalid:  # a range like [z-a]: then it is a name that has brackets
            found = pc.match_substring(paths, text, ignore_case=True)
    else:
        found = pc.match_substring(paths, text.strip("/") or "/", ignore_case=True)
    column: Any = found  # a column of a table has chunks, which the type stubs do not know of
    octets = (column.combine_chunks() if isinstance(found, pa.ChunkedArray) else column).cast(pa.uint8())
    return octets.buffers()[1].to_pybytes()[: len(octets)] if len(octets) else b""


def ordered(source: Source, rows: Sequence[int], sort: str, *, cumulated: bool) -> list[int]:
    """The rows in the order `sort`: a name of SORTS, after a minus the other way round. Ties go by path.

    `cumulated`: a folder's size is that of all below it.
    """
    name = sort.removeprefix("-")
    if name == "name" or name not in SORTS:
        return list(rows)[::-1] if sort.startswith("-") else list(rows)
    listing = source.listing
    keys: Callable[[], Sequence[Any]] = {
        "size": lambda: source.totals if cumulated else listing.sizes,
        "entries": lambda: source.below,
        "change": lambda: source.changes or bytes(len(listing)),
        "mode": lambda: listing.modes,
        "mtime": lambda: listing.mtimes,
        "layer": lambda: source.layers or bytes(len(listing)),
    }[name]
    return sorted(rows, key=keys().__getitem__, reverse=sort.startswith("-"))


def picked(source: Source) -> Sequence[int]:
    """All rows that matter, by path."""
    if source.mask is None:
        return range(len(source.listing))
    return [row for row, matters in enumerate(source.mask) if matters]


def listed(source: Source) -> Sequence[int]:
    """The same without folders that are only implied: what the tar itself has."""
    implied = source.listing.implied
    return [row for row in picked(source) if not implied[row]] if 1 in implied else picked(source)
