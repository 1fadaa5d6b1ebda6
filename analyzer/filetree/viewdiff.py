"""What differs between two merged views: paths that only one shows, and what differs of those that both show.

On whole columns, since views have tens of thousands of rows and most of them are equal.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from analyzer.filetree import compare
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change
from analyzer.filetree.listing import Listing
from analyzer.filetree.lookup import span_below

if TYPE_CHECKING:
    import pyarrow as pa

Arrow: TypeAlias = Any
"""Arrow's arrays and functions: its stubs lack most of what is called here."""

ABSENT = -1


@dataclass(slots=True)
class Side:
    """Counts and bytes of some rows. Bytes are entry sizes, so folders have none."""

    paths: int = 0
    first: int = 0  # bytes in the first view
    second: int = 0  # bytes in the second

    def add(self, first: int, second: int) -> None:
        self.paths += 1
        self.first += first
        self.second += second


@dataclass(frozen=True)
class ViewDiff:
    """One row for each path that differs, in the order of paths, as parallel columns.

    `same` counts the paths that do not. Two names of one inode are files of the same bytes, whichever of them holds
    these bytes in a view (as in `merged`), but the sizes are those of the rows, so that they add up to the views'.
    """

    paths: list[bytes]
    changes: bytes  # Change: added (only the second has it), modified, removed
    masks: bytes  # bits of compare.LABELS; 0 unless modified
    first: list[int]  # the row in the first view; ABSENT
    second: list[int]
    first_sizes: list[int]
    second_sizes: list[int]
    same: int

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def semantic(self) -> "ViewDiff":
        """The same without times: who differs in its mtime alone is the same."""
        kept = [row for row, mask in enumerate(self.masks) if mask != compare.MTIME]
        return ViewDiff(
            paths=[self.paths[row] for row in kept],
            changes=bytes(self.changes[row] for row in kept),
            masks=bytes(self.masks[row] & ~compare.MTIME for row in kept),
            first=[self.first[row] for row in kept],
            second=[self.second[row] for row in kept],
            first_sizes=[self.first_sizes[row] for row in kept],
            second_sizes=[self.second_sizes[row] for row in kept],
            same=self.same + len(self.paths) - len(kept),
        )

    @cached_property
    def totals(self) -> dict[Change, Side]:
        """All rows by their change."""
        return self.totals_of(range(len(self.paths)))

    def totals_of(self, *spans: range) -> dict[Change, Side]:
        """These rows by their change; every change is there."""
        found = {change: Side() for change in (Change.ADDED, Change.MODIFIED, Change.REMOVED)}
        for span in spans:
            for row in span:
                found[Change(self.changes[row])].add(self.first_sizes[row], self.second_sizes[row])
        return found

    def below(self, folder: bytes) -> range:
        """The rows below `folder`; of b"", all."""
        return span_below(self.paths, folder)

    def parts(self, folder: bytes) -> dict[bytes, list[range]]:
        """The rows below `folder` by what lies in it: each name's own row, if it differs, and all rows below it."""
        span, cut = self.below(folder), len(folder) + 1 if folder else 0
        found: dict[bytes, list[range]] = {}
        at = span.start
        while at < span.stop:
            path = self.paths[at]
            name, slash, _ = path[cut:].partition(b"/")
            # `a-b` stands between `a` and `a/b`
            rows = span_below(self.paths, path[:cut] + name) if slash else range(at, at + 1)
            found.setdefault(name, []).append(rows)
            at = rows.stop
        return found


def view_diff(first: Listing, second: Listing) -> ViewDiff:
    """What differs between two merged views, times included."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Arrow = pc
    left, right = _comparable(first), _comparable(second)
    facing = compute.index_in(right["path"], value_set=left["path"])
    added = _rows(compute.is_null(facing))
    removed = _rows(compute.is_null(compute.index_in(left["path"], value_set=right["path"])))
    both = compute.is_valid(facing)
    second_rows = _rows(both)
    first_rows = facing.drop_null()
    mask = _mask(left.take(first_rows), right.take(second_rows))
    differs = compute.not_equal(mask, pa.scalar(0, pa.uint8()))
    masks: list[int] = mask.filter(differs).to_pylist()
    rows = [
        *((ordinal, ABSENT, Change.REMOVED, 0) for ordinal in removed.to_pylist()),
        *((ABSENT, ordinal, Change.ADDED, 0) for ordinal in added.to_pylist()),
        *(
            (old, new, Change.MODIFIED, bits)
            for old, new, bits in zip(
                first_rows.filter(differs).to_pylist(), second_rows.filter(differs).to_pylist(), masks, strict=True
            )
        ),
    ]
    names: list[bytes] = [
        *_paths(left, removed),
        *_paths(right, added),
        *_paths(right, second_rows.filter(differs)),
    ]
    order = sorted(range(len(names)), key=names.__getitem__)  # three sorted runs: a merge
    return ViewDiff(
        paths=[names[row] for row in order],
        changes=bytes(rows[row][2] for row in order),
        masks=bytes(rows[row][3] for row in order),
        first=(olds := [rows[row][0] for row in order]),
        second=(news := [rows[row][1] for row in order]),
        first_sizes=_sizes(left, olds),
        second_sizes=_sizes(right, news),
        same=len(mask) - len(masks),
    )


def _paths(table: "pa.Table", rows: Arrow) -> list[bytes]:
    taken: Arrow = table["path"].take(rows)
    found: list[bytes] = taken.to_pylist()
    return found


def _sizes(table: "pa.Table", rows: list[int]) -> list[int]:
    import pyarrow as pa

    wanted: Arrow = pa.array([None if row == ABSENT else row for row in rows], pa.int64())
    sizes: Arrow = table["size"].take(wanted)
    found: list[int] = sizes.fill_null(0).to_pylist()
    return found


def _comparable(view: Listing) -> "pa.Table":
    """The view's columns, in which every name of an inode is a file with its hash."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Arrow = pc
    table: Arrow = view.table.combine_chunks()
    kinds = table["kind"].combine_chunks()
    linked = compute.equal(kinds, pa.scalar(int(Kind.HARDLINK), pa.uint8()))
    targets = compute.index_in(compute.if_else(linked, table["link"], None), value_set=table["path"])
    hashes = compute.if_else(linked, table["sha256"].take(targets), table["sha256"])
    files = compute.if_else(linked, pa.scalar(int(Kind.FILE), pa.uint8()), kinds)
    # A hard link that leads nowhere has no hash: it goes by what it would lead to.
    astray = compute.and_(linked, compute.is_null(hashes))
    links = compute.if_else(compute.and_(linked, compute.invert(astray)), None, table["link"])
    columns = {"path": table["path"], "kind": files, "sha256": hashes, "link": links}
    rest = ("mode", "uid", "gid", "size", "mtime", "xattrs")
    made: pa.Table = pa.table(columns | {name: table[name] for name in rest})
    return made.combine_chunks()


def _mask(left: "pa.Table", right: "pa.Table") -> Arrow:
    """The bits of what differs, row by row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Arrow = pc

    def differ(name: str) -> Arrow:
        one, other = left[name].combine_chunks(), right[name].combine_chunks()
        unequal = compute.not_equal(one, other)
        return compute.fill_null(unequal, compute.xor(compute.is_null(one), compute.is_null(other)))

    kinds = left["kind"].combine_chunks()
    type_differs = differ("kind")
    alike = compute.invert(type_differs)
    files = compute.equal(kinds, pa.scalar(int(Kind.FILE), pa.uint8()))
    unhashed = compute.and_(compute.is_null(left["sha256"]), compute.is_null(left["link"])).combine_chunks()
    contents = compute.and_(files, compute.or_(differ("sha256"), unhashed))
    times = compute.fill_null(compute.not_equal(left["mtime"], right["mtime"]), False)  # implied folders have none
    bits = (
        (compare.CONTENT, compute.and_(alike, contents)),
        (compare.TYPE, type_differs),
        (compare.MODE, differ("mode")),
        (compare.OWNER, compute.or_(differ("uid"), differ("gid"))),
        (compare.MTIME, times.combine_chunks()),
        (compare.LINK, compute.and_(alike, differ("link"))),
        (compare.XATTRS, differ("xattrs")),
    )
    mask: Arrow = pa.Array.from_buffers(pa.uint8(), len(left), [None, pa.py_buffer(bytes(len(left)))])
    for bit, holds in bits:
        mask = compute.bit_wise_or(mask, compute.if_else(holds, pa.scalar(bit, pa.uint8()), pa.scalar(0, pa.uint8())))
    return mask


def _rows(holds: Arrow) -> Arrow:
    """The numbers of the rows for which it holds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Arrow = pc
    flat = holds.combine_chunks() if isinstance(holds, pa.ChunkedArray) else holds
    return compute.indices_nonzero(flat).cast(pa.int64())
