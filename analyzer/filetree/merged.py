"""The merged view of a chain as a document: what a container sees, with the layer that each path comes from."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate as running
from typing import Any

from analyzer.filetree import parquet
from analyzer.filetree.arrange import IMPLIED_MODE, accumulate
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Column, Listing
from analyzer.filetree.lookup import rows_of
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

    @cached_property
    def providers(self) -> Mapping[int, Mapping[int, int]]:
        """Ordinal of each folder that holds bytes, -1 for the top → index of the layer that shows them → how many, down
        to the last folder."""
        import pyarrow as pa
        import pyarrow.compute as pc

        compute: Any = pc
        columns = [self._columns.column(name) for name in ("parent", "layer", "size")]
        files = pa.Table.from_arrays(columns, names=["parent", "layer", "size"])
        files = files.filter(compute.greater(files["size"], 0))
        held = files.group_by(["parent", "layer"], use_threads=False).aggregate([("size", "sum")]).to_pydict()
        found: dict[int, dict[int, int]] = {}
        for parent, layer, size in zip(held["parent"], held["layer"], held["size_sum"], strict=True):
            found.setdefault(parent, {})[layer] = size
        parents = self.parents
        for row in reversed(rows_of(self.kinds, Kind.DIR)):  # a folder comes before what lies in it
            if row in found:
                outer = found.setdefault(parents[row], {})
                for layer, size in found[row].items():
                    outer[layer] = outer.get(layer, 0) + size
        return found


def merge(mount: UnionMount) -> Merged:
    """The merged view of all that was applied to the mount."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Any = pc
    paths = sorted(mount.visible)
    ordinals = {b"": -1} | dict(zip(paths, range(len(paths)), strict=True))
    refs = pa.array(list(map(mount.visible.__getitem__, paths)), pa.int64())
    layers = compute.shift_right(refs, pa.scalar(32, pa.int64())).cast(pa.int32())
    rows = compute.bit_wise_and(refs, pa.scalar(_ROW, pa.int64())).cast(pa.int32())
    own, data_layers = _own_columns(mount, ordinals, layers, rows)
    parents = [ordinals[path.rpartition(b"/")[0]] for path in paths]
    totals, below = accumulate(parents, own.column("size").to_pylist())
    columns: dict[str, Sequence[Any]] = {
        "path": paths,
        "parent": parents,
        "total": totals,
        "below": below,
        "data_layer": data_layers,
    }
    merged = parquet.table_of(columns)
    for name, column in [("layer", layers), ("ordinal", rows), *zip(own.column_names, own.columns, strict=True)]:
        merged = merged.append_column(name, column)
    return Merged(table=merged.select([name for name in parquet.schema().names if name in merged.column_names]))


def _own_columns(mount: UnionMount, ordinals: Mapping[bytes, int], layers: Any, rows: Any) -> tuple[Any, list[int]]:
    """The columns that come from the listings, as a table, and the layer of each row's bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Any = pc
    tables = [parquet.table_of(_IMPLIED), *(listing.table.select(_OWN) for listing in mount.listings)]
    source = pa.concat_tables(tables).combine_chunks()
    starts = [1, *(1 + end for end in running(map(len, mount.listings)))]
    taken: list[int] = compute.add(pa.array(starts, pa.int64()).take(layers), rows).to_pylist()
    data_layers: list[int] = layers.to_pylist()
    for ref in mount.stand_ins:
        if (path := _shown(mount, ref)) is not None:
            taken[ordinals[path]] = 0
    links: list[int] = []
    targets: list[bytes] = []
    for path, holder, target in _links(mount):
        at = ordinals[path]
        taken[at], data_layers[at] = starts[holder >> 32] + (holder & _ROW), holder >> 32
        if target is not None:
            links.append(taken[at])
            taken[at] = len(source) + len(targets)
            targets.append(target)
    if links:
        source = pa.concat_tables([source, _as_links(source.take(pa.array(links)), targets)]).combine_chunks()
    return source.take(pa.array(taken, pa.int64())), data_layers


def _shown(mount: UnionMount, ref: int) -> bytes | None:
    """The path at which a row is visible, or None."""
    listing, ordinal = mount.row(ref)
    path = listing.paths[ordinal]
    return path if mount.visible.get(path) == ref else None


def _links(mount: UnionMount) -> Iterator[tuple[bytes, int, bytes | None]]:
    """Each visible hard link that leads somewhere: path, the entry with the bytes, and the name to link to.

    None to link to: it is the name that stands for the inode.
    """
    names: dict[int, list[bytes]] = {}
    for ref, holder in mount.inodes.links():
        if (path := _shown(mount, ref)) is not None:
            names.setdefault(holder, []).append(path)
    for holder, paths in names.items():
        at_home = None if holder in mount.stand_ins else _shown(mount, holder)
        first = min(paths) if at_home is None else at_home
        for path in paths:
            yield path, holder, None if path == first else first


def _as_links(rows: Any, to: Sequence[bytes]) -> Any:
    """Rows of inodes, as hard links to one of their names each."""
    import pyarrow as pa

    count = len(to)
    columns: dict[str, Sequence[Any]] = {"kind": bytes([Kind.HARDLINK]) * count, "size": [0] * count}
    columns |= {"link": to, "sha256": [None] * count}
    patch = parquet.table_of(columns)
    arrays = [patch.column(name) if name in columns else rows.column(name) for name in rows.column_names]
    return pa.Table.from_arrays(arrays, schema=rows.schema)
