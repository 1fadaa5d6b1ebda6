"""Pages of a stored listing or merged view: only the columns that a page needs are read, and all work is Arrow's."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

from analyzer.filetree import globs
from analyzer.filetree.listing import Listing
from analyzer.filetree.merged import Merged

L = TypeVar("L", bound=Listing)
Ordinals: TypeAlias = memoryview
"""Row numbers, without a Python object for each until they are looked at: `found[100:200]` is a page."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What rows to show; an empty part lets all through."""

    kinds: Collection[int] = ()
    changes: Collection[int] = ()  # layerdiff.Change; needs the layer's changes
    text: str = ""  # a glob (globs.to_regex), or a part of the path, whatever its case
    implied: bool = True  # whether implied folders are shown


class Browser(Generic[L]):
    """One document, opened once for a page. `changes` are those of its LayerDiff: a byte a row."""

    def __init__(self, document: bytes, shape: type[L], changes: bytes | None = None) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(pa.BufferReader(document))
        self._shape = shape
        self._changes = changes
        self._columns: dict[str, Any] = {}

    def __len__(self) -> int:
        return self._file.metadata.num_rows

    def ordinal(self, path: bytes) -> int | None:
        """The row of a path; None if there is none."""
        paths = self._column("path")
        at = bisect_left(range(len(paths)), path, key=lambda row: paths[row].as_py())
        return at if at < len(paths) and paths[at].as_py() == path else None

    def children(self, folder: int = -1, sort: str = "path", *, descending: bool = False) -> Ordinals:
        """The rows that lie in a folder (-1: at the top), sorted by a column; ties by path.

        `total` sorts by the size with all below; `path` is by name here, as it is one folder.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        mask = pc.equal(self._column("parent"), pa.scalar(folder, pa.int32()))
        return self._sorted(mask, sort, descending)

    def search(self, by: Filter, sort: str = "path", *, descending: bool = False) -> Ordinals:
        """All rows that pass the filter, sorted by a column; ties by path. Raises ValueError for a malformed glob."""
        return self._sorted(self._mask(by), sort, descending)

    def rows(self, ordinals: Sequence[int], columns: Sequence[str] | None = None) -> L:
        """These rows, in this order, as a listing of their own (`parents` still mean rows of the document).

        `columns` names what will be looked at, by the names of `parquet.schema`; None is all.
        """
        import pyarrow as pa

        names = self._file.schema_arrow.names if columns is None else list(columns)
        table = pa.table({name: self._column(name) for name in names})
        return self._shape(table=table.take(pa.array(list(ordinals), pa.int64())))

    def above(self, ordinal: int) -> list[int]:
        """The folders that a row lies in, the topmost first."""
        parents, above = self._column("parent"), []
        while (ordinal := parents[ordinal].as_py()) >= 0:
            above.append(ordinal)
        return above[::-1]

    def _column(self, name: str) -> Any:
        if name not in self._columns:
            read = self._file.read(columns=[name], use_threads=False).column(0)
            self._columns[name] = read.chunk(0) if read.num_chunks == 1 else read.combine_chunks()
        return self._columns[name]

    def _mask(self, by: Filter) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        compute: Any = pc
        mask = None
        if by.kinds:
            mask = compute.is_in(self._column("kind"), pa.array(list(by.kinds), pa.uint8()))
        if by.changes and self._changes is not None:
            codes: Any = pa.Array.from_buffers(pa.uint8(), len(self), [None, pa.py_buffer(self._changes)])
            changed = compute.is_in(codes, pa.array(list(by.changes), pa.uint8()))
            mask = changed if mask is None else compute.and_(mask, changed)
        if by.text:
            named = self._named(by.text)
            mask = named if mask is None else compute.and_(mask, named)
        if not by.implied:
            explicit = compute.invert(self._column("implied"))
            mask = explicit if mask is None else compute.and_(mask, explicit)
        return mask

    def _named(self, text: str) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        compute: Any = pc
        try:
            if globs.is_glob(text):
                return compute.match_substring_regex(self._column("path"), globs.to_regex(text), ignore_case=True)
            sought = text.encode(errors="surrogateescape")
            return compute.match_substring(self._column("path"), sought, ignore_case=True)
        except pa.ArrowInvalid as error:
            raise ValueError(f"not a pattern: {text}") from error

    def _sorted(self, mask: Any, sort: str, descending: bool) -> Ordinals:
        """Rows where the mask holds (None: all). The document is sorted by path already."""
        import pyarrow as pa
        import pyarrow.compute as pc

        compute: Any = pc
        found: Any = None if mask is None else compute.indices_nonzero(mask)
        if sort != "path":
            keys = self._total if sort == "total" else self._column(sort)
            keys = keys if found is None else keys.take(found)
            order = compute.array_sort_indices(keys, "descending" if descending else "ascending")  # it is stable
            found = order if found is None else found.take(order)
        elif found is None:
            arrow: Any = pa
            found = arrow.arange(0, len(self)).cast(pa.uint64())
        if sort == "path" and descending:
            found = found[::-1]
        return memoryview(found.buffers()[1] or b"").cast("Q")[found.offset :][: len(found)]

    @cached_property
    def _total(self) -> Any:
        import pyarrow.compute as pc

        return pc.coalesce(self._column("total"), self._column("size"))


def open_listing(document: bytes, changes: bytes | None = None) -> Browser[Listing]:
    """A layer's listing, and its changes in a chain."""
    return Browser(document, Listing, changes)


def open_merged(document: bytes) -> Browser[Merged]:
    """A merged view."""
    return Browser(document, Merged)
