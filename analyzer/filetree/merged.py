"""The merged view of a chain as a document: what a container sees, with the layer that each path comes from."""

from collections.abc import Sequence, Set
from itertools import accumulate as running
from typing import Any

from analyzer.filetree import parquet
from analyzer.filetree.arrange import IMPLIED_MODE, accumulate
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Column, Listing
from analyzer.filetree.overlay import UnionMount

_ROW = (1 << 32) - 1
_OWN = ("kind", "mode", "uid", "gid", "size", "mtime", "link", "sha256", "xattrs", "offset", "implied")
_IMPLIED: dict[str, Sequence[Any]] = {
    "kind": bytes([Kind.DIR]),
    "mode": [IMPLIED_MODE],
    "uid": [0],
    "gid": [0],
    "size": [0],
    "mtime": [0],
    "link": [None],
    "sha256": [None],
    "xattrs": [None],
    "offset": [-1],
    "implied": b"\x01",
}


class Merged(Listing):
    """A listing without whiteouts, with implied folders, and with where each row comes from.

    Of an inode with several names one row has its kind and bytes: the entry that holds them if it is visible, else
    the first name. The others are hard links of 0 bytes to it, with its attributes; so sizes sum to the merged size.
    """

    layers = Column[Sequence[int]]("layer")  # index of the layer whose entry is shown, or that implies the folder
    ordinals = Column[Sequence[int]]("ordinal")  # its row in that layer's listing
    data_layers = Column[Sequence[int]]("data_layer")  # index of the layer whose tar has the bytes, at `offsets`


def merge(mount: UnionMount) -> Merged:
    """The merged view of all that was applied to the mount."""
    import pyarrow as pa

    paths = sorted(mount.visible)
    refs = [mount.visible[path] for path in paths]
    holders = list(map(mount.inodes.holder, refs)) if mount.inodes else refs
    starts = [1, *(1 + end for end in running(map(len, mount.listings)))]
    rows = [starts[ref >> 32] + (ref & _ROW) for ref in holders]
    for at, ref in enumerate(refs if mount.stand_ins else ()):
        if ref in mount.stand_ins:
            rows[at] = 0
    tables = [parquet.table_of(_IMPLIED), *(listing.table.select(_OWN) for listing in mount.listings)]
    own = pa.concat_tables(tables).combine_chunks().take(pa.array(rows, pa.int64()))
    if mount.inodes:
        own = _name_links(own, paths, refs, holders, mount.stand_ins)
    ordinals = {b"": -1} | {path: at for at, path in enumerate(paths)}
    parents = [ordinals[path.rpartition(b"/")[0]] for path in paths]
    sizes: Any = own.column("size").to_pylist()
    totals, below = accumulate(parents, sizes)
    placed = parquet.table_of(
        {
            "path": paths,
            "parent": parents,
            "total": totals,
            "below": below,
            "layer": [ref >> 32 for ref in refs],
            "ordinal": [ref & _ROW for ref in refs],
            "data_layer": [ref >> 32 for ref in holders],
        }
    )
    for name in own.column_names:
        placed = placed.append_column(name, own.column(name))
    return Merged(table=placed.select([name for name in parquet.schema().names if name in placed.column_names]))


def _name_links(
    own: Any, paths: Sequence[bytes], refs: Sequence[int], holders: Sequence[int], stand_ins: Set[int]
) -> Any:
    """`own`, whose rows are those of the inodes' holders, with all but one name of each inode as hard links to it."""
    import pyarrow as pa

    at_own_name = {ref: at for at, ref in enumerate(refs) if ref not in stand_ins}
    first: dict[int, int] = {}
    columns = {name: own.column(name).to_pylist() for name in ("kind", "size", "link", "sha256")}
    for at, (ref, holder) in enumerate(zip(refs, holders, strict=True)):
        if ref == holder:
            continue
        shown = first.setdefault(holder, at_own_name.get(holder, at))
        if shown != at:
            columns["kind"][at], columns["size"][at] = Kind.HARDLINK, 0
            columns["link"][at], columns["sha256"][at] = paths[shown], None
    for name, values in columns.items():
        index = own.column_names.index(name)
        own = own.set_column(index, name, pa.array(values, own.schema.field(name).type))
    return own
