"""One layer's entries: an immutable document, sorted by path, with the folders that they imply."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from analyzer.filetree import irregular, parquet
from analyzer.filetree.arrange import Budget, arrange
from analyzer.filetree.conflicts import Conflicts, find
from analyzer.filetree.entry import Members
from analyzer.filetree.lookup import ordinal_of
from analyzer.oci.findings import Finding

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_CONFLICTS = "layersite.conflicts"


class Column(Generic[T]):
    """A column that is decoded when it is first looked at, and is a plain attribute from then on."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    @overload
    def __get__(self, listing: None, owner: type) -> Self: ...

    @overload
    def __get__(self, listing: "Listing", owner: type) -> T: ...

    def __get__(self, listing: "Listing | None", owner: type) -> T | Self:
        if listing is None:
            return self
        values: T = parquet.decode(listing._columns, self.name)  # type: ignore[assignment]
        vars(listing)[self.attribute] = values
        return values


class Listing:
    """Parallel columns, one row an entry. Whiteouts and markers stand under their raw names, the root does not.

    Kinds and `implied` are bytes, so that rows of a kind are found with `find`. A symlink's size is the length of
    its target; whiteouts, hard links, folders and devices have none. What a column was not read for raises
    LookupError when it is looked at.
    """

    paths = Column[Sequence[bytes]]("path")
    kinds = Column[bytes]("kind")
    modes = Column[Sequence[int]]("mode")  # permission bits, 0o7777
    uids = Column[Sequence[int]]("uid")
    gids = Column[Sequence[int]]("gid")
    sizes = Column[Sequence[int]]("size")  # bytes
    mtimes = Column[Sequence[int]]("mtime")  # nanoseconds since 1970; 0 for an implied folder
    links = Column[Sequence[bytes | None]]("link")
    sha256s = Column[Sequence[bytes | None]]("sha256")  # 32 raw bytes
    xattrs = Column[Sequence[dict[bytes, bytes] | None]]("xattrs")
    offsets = Column[Sequence[int]]("offset")  # of the data in the plain tar; -1: sparse, or implied
    implied = Column[bytes]("implied")  # 1: no entry of the tar, but a folder that entries imply (0755 0:0)
    parents = Column[Sequence[int]]("parent")  # ordinal of the folder, -1 at the top
    totals = Column[Sequence[int]]("total")  # bytes of the subtree, itself included
    below = Column[Sequence[int]]("below")  # entries of the subtree, itself not

    def __init__(
        self,
        given: Mapping[str, Sequence[Any]] | None = None,
        table: "pa.Table | None" = None,
        conflicts: Conflicts | None = None,
        opened: parquet.Opened | None = None,
    ) -> None:
        """Columns by their names in the document, as sequences, as an Arrow table or still in the document."""
        self._opened = opened
        if table is not None:
            self.table = table
        self.conflicts = conflicts or Conflicts()
        for attribute, column in _attributes(type(self)).items():
            if given is not None and column in given:
                vars(self)[attribute] = given[column]

    @classmethod
    def build(cls, members: Members, limits: Budget) -> tuple[Self, list[Finding]]:
        """The listing of a tar's members, and what is odd in it (at most 50 findings a code, then one that counts).

        Of a path that stands twice the last counts. Raises LimitReached for the implied folders.
        """
        given, places = arrange(members, limits)
        conflicts = find(given["kind"], given["implied"], given["parent"], places)  # type: ignore[arg-type]
        listing = cls(given, conflicts=conflicts)
        return listing, irregular.report(members, listing)

    @classmethod
    def from_parquet(cls, document: bytes | parquet.Opened, columns: Sequence[str] | None = None) -> Self:
        """The listing of a stored document, its columns read as they are wanted; or of some columns, by the names in
        `parquet.schema`, read at once."""
        opened = parquet.Opened(document) if isinstance(document, bytes) else document
        metadata = opened.metadata
        conflicts = Conflicts.from_json(metadata[_CONFLICTS]) if _CONFLICTS in metadata else None
        if columns is None:
            return cls(conflicts=conflicts, opened=opened)
        return cls(table=opened.table(columns), conflicts=conflicts)

    def to_parquet(self) -> bytes:
        return parquet.write(self.table, {_CONFLICTS: self.conflicts.to_json()} if self.conflicts else {})

    @cached_property
    def table(self) -> "pa.Table":
        """The columns as an Arrow table."""
        if self._opened is not None:
            return self._opened.table()
        return parquet.table_of({column: getattr(self, name) for name, column in _attributes(type(self)).items()})

    @property
    def _columns(self) -> "pa.Table | parquet.Opened":
        return self.table if self._opened is None else self._opened

    @cached_property
    def size(self) -> int:
        """The layer's size: the sum of its entries' sizes, in bytes."""
        return sum(self.sizes)

    def children(self, folder: int) -> Sequence[int]:
        """What is in the folder of this ordinal, -1 for the top, by path."""
        import pyarrow.compute as pc

        compute: Any = pc
        found: list[int] = compute.indices_nonzero(compute.equal(self._columns.column("parent"), folder)).to_pylist()
        return found

    def __len__(self) -> int:
        return len(vars(self)["paths"]) if "paths" in vars(self) else len(self._columns)

    def ordinal(self, path: bytes) -> int | None:
        """The row of a path; None if there is none."""
        return ordinal_of(self.paths, path)


def _attributes(kind: type[Listing]) -> dict[str, str]:
    """Attribute → column."""
    return {
        name: column.name
        for part in reversed(kind.__mro__)
        for name, column in vars(part).items()
        if isinstance(column, Column)
    }
