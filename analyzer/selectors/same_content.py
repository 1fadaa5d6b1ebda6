"""Where else a content is: other entries of the same image, by its sha256."""

from dataclasses import dataclass
from typing import Any

from analyzer.filetree.blame import blame
from analyzer.filetree.layerdiff import Change
from analyzer.selectors.diffs import diffs_of
from analyzer.selectors.image_file import Stack

MOST_COPIES = 50


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry with the same bytes."""

    path: bytes
    index: int
    diff_id: str
    size: int
    visible: bool  # in the merged view of all the layers


def copies_of(stack: Stack, sha256: bytes) -> list[Copy]:
    """All regular files with that content, bottom first; MOST_COPIES at most. One query for diffs not at hand."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Any = pc
    wanted = pa.scalar(sha256, pa.binary(32))
    rows = [
        (index, row)
        for index, listing in enumerate(stack.listings)
        for row in compute.indices_nonzero(
            compute.fill_null(compute.equal(listing.table.column("sha256").cast(pa.binary(32)), wanted), False)
        ).to_pylist()
    ][:MOST_COPIES]
    paths = {stack.listings[index].paths[row] for index, row in rows}
    seen = {path: _provider(stack, path) for path in paths}
    return [
        Copy(
            path=(path := stack.listings[index].paths[row]),
            index=index,
            diff_id=stack.layers[index].diff_id,
            size=stack.listings[index].sizes[row],
            visible=seen[path] == index,
        )
        for index, row in rows
    ]


def _provider(stack: Stack, path: bytes) -> int | None:
    """The layer whose entry the merged view shows at the path."""
    having = [index for index, listing in enumerate(stack.listings) if listing.ordinal(path) is not None]
    own = [
        event
        for event in blame(stack.listings, diffs_of(stack.chains, stack.layers, having), path)
        if event.change is not Change.NONE
    ]
    return own[-1].layer if own and own[-1].change is not Change.REMOVED else None
