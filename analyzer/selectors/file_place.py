"""Where the bytes of a path lie: which layer's tar has them, and where in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.archive.entrybytes import SPARSE, Stored
from analyzer.filetree.entry import Kind
from analyzer.filetree.merged import Merged
from analyzer.models import Layer
from analyzer.selectors.listings import listing_of


@dataclass(frozen=True, slots=True)
class Place:
    """A regular file that a merged view shows, maybe under another of its names."""

    layer: Layer  # whose tar has the bytes
    file: Stored


def regular(merged: Merged, row: int) -> int | None:
    """The row that has the bytes of a row: itself, a hard link's target; None where there are none."""
    if merged.kinds[row] == Kind.HARDLINK:
        target = merged.ordinal(merged.links[row] or b"")
        return target if target is not None and merged.kinds[target] == Kind.FILE else None
    return row if merged.kinds[row] == Kind.FILE else None


def place_of(merged: Merged, row: int, layers: Sequence[Layer]) -> Place | None:
    """Where the bytes of a row lie; None if it has none. `layers` are those of the chain, bottom first."""
    at = regular(merged, row)
    if at is None:
        return None
    layer = layers[merged.data_layers[at]]
    path, offset, size, sha256 = merged.paths[at], merged.offsets[at], merged.sizes[at], merged.sha256s[at]
    if offset == SPARSE and size:
        path = _sparse_path(layer, path, size, sha256)
    return Place(layer, Stored(path, offset, size, sha256))


def _sparse_path(layer: Layer, path: bytes, size: int, sha256: bytes | None) -> bytes:
    """The name by which the layer has a sparse file: one of the same content, if its own went and a link stayed."""
    listing = listing_of(layer)
    wanted = (Kind.FILE, SPARSE, size, sha256)
    columns = (listing.kinds, listing.offsets, listing.sizes, listing.sha256s)
    row = listing.ordinal(path)
    if row is not None and tuple(column[row] for column in columns) == wanted:
        return path
    rows = (row for row, found in enumerate(zip(*columns, strict=True)) if found == wanted)
    row = next(rows, None)
    return path if row is None else listing.paths[row]
