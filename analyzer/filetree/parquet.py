"""How the columns of a listing lie in Parquet, and how they come back as plain sequences.

Every encoding is one that all Parquet readers know. pyarrow is imported on first use: it costs 70 ms, and
every command imports this package.
"""

import json
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

Arrow: TypeAlias = Any
"""An Arrow array. The stubs of pyarrow lack most of what is called here."""

ZSTD_LEVEL = 3
"""Measured on 32,732 entries: level 9 saves 0.3 bytes an entry of 31 and takes twice the time."""

_DICTIONARY = ("kind", "mode", "uid", "gid", "mtime", "layer", "data_layer")
_ENCODING = {
    "path": "DELTA_BYTE_ARRAY",  # sorted names share their beginnings
    "size": "PLAIN",
    "link": "DELTA_BYTE_ARRAY",
    "xattrs": "PLAIN",
    "offset": "DELTA_BINARY_PACKED",
    "implied": "PLAIN",
    "parent": "PLAIN",
    "total": "PLAIN",
    "below": "PLAIN",
    "ordinal": "DELTA_BINARY_PACKED",
}


def schema() -> "pa.Schema":
    """Name and type of every column. `layer`, `ordinal` and `data_layer` are those of a merged view alone."""
    import pyarrow as pa

    columns: list[tuple[str, Any]] = [
        ("path", pa.binary()),
        ("kind", pa.uint8()),  # entry.Kind
        ("mode", pa.uint16()),
        ("uid", pa.int64()),
        ("gid", pa.int64()),
        ("size", pa.int64()),
        ("mtime", pa.timestamp("ns", "UTC")),  # null: an implied folder
        ("link", pa.binary()),
        ("sha256", pa.binary(32)),
        ("xattrs", pa.string()),  # a JSON object, values in base64
        ("offset", pa.int64()),  # of the data in the plain tar; -1: sparse, or implied
        ("implied", pa.bool_()),
        ("parent", pa.int32()),  # ordinal of the folder; -1 at the top
        ("total", pa.int64()),  # bytes of all below; null: nothing is, so it is the entry's own size
        ("below", pa.int32()),  # entries of all below; null: none
        ("layer", pa.int32()),
        ("ordinal", pa.int32()),
        ("data_layer", pa.int32()),
    ]
    return pa.schema(columns)


def table_of(columns: Mapping[str, Sequence[Any]]) -> "pa.Table":
    """The columns (by the names of `schema`, as a Listing has them) as an Arrow table."""
    import pyarrow as pa

    wanted = schema()
    fields = [wanted.field(name) for name in wanted.names if name in columns]
    arrays = [_array(field.name, field.type, columns) for field in fields]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def write(table: "pa.Table", metadata: Mapping[str, str]) -> bytes:
    """The table as one Parquet document of one row group. `metadata` is kept beside the columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    dictionary = [name for name in _DICTIONARY if name in table.column_names]
    if "sha256" in table.column_names and _repeats(table.column("sha256")):
        dictionary.append("sha256")
    compression = {name: "NONE" if name == "sha256" else "ZSTD" for name in table.column_names}
    sink = pa.BufferOutputStream()
    make_writer: Any = pq.ParquetWriter
    with make_writer(
        sink,
        table.schema,
        use_dictionary=dictionary,
        dictionary_pagesize_limit=1 << 30,
        column_encoding={name: _ENCODING.get(name, "PLAIN") for name in table.column_names if name not in dictionary},
        compression=compression,
        compression_level={name: ZSTD_LEVEL for name, codec in compression.items() if codec == "ZSTD"},
        write_statistics=False,
        store_schema=False,
    ) as writer:
        writer.write_table(table, row_group_size=max(1, len(table)))
        if metadata:
            writer.add_key_value_metadata(dict(metadata))
    return sink.getvalue().to_pybytes()


class Opened:
    """A document that `write` made. Columns are read when they are first wanted, the document's plan once."""

    def __init__(self, document: bytes) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(pa.BufferReader(document))
        self._columns: dict[str, Arrow] = {}
        self._reading = Lock()  # several threads may share a listing, the file is read by one at a time

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    @property
    def column_names(self) -> list[str]:
        return list(self._file.schema_arrow.names)

    def table(self, columns: Sequence[str] | None = None) -> "pa.Table":
        """Only the given columns, in the order of the document; None: all."""
        import pyarrow as pa

        wanted = [name for name in self._file.schema_arrow.names if columns is None or name in columns]
        with self._reading:
            lacking = [name for name in wanted if name not in self._columns]
            if lacking:
                read = self._file.read(columns=lacking, use_threads=False)
                self._columns |= dict(zip(read.column_names, read.columns, strict=True))
        return pa.Table.from_arrays([self._columns[name] for name in wanted], names=wanted)

    def column(self, name: str) -> Arrow:
        """One column, which the document must have. For a single one quicker than `table`."""
        with self._reading:
            if name not in self._columns:
                reader: Any = self._file.reader
                self._columns[name] = reader.read_column(self.column_names.index(name))
            return self._columns[name]

    @property
    def metadata(self) -> dict[str, str]:
        metadata = self._file.schema_arrow.metadata or {}
        return {key.decode(): value.decode() for key, value in metadata.items()}


def decode(table: "pa.Table | Opened", name: str) -> Sequence[Any]:
    """One column as a Listing has it. Raises LookupError if it was not read."""
    if name not in table.column_names or (name == "total" and "size" not in table.column_names):
        raise LookupError(f"the column {name} was not read")
    return _DECODERS.get(name, _plain)(table, name)


def _array(name: str, kind: Any, columns: Mapping[str, Sequence[Any]]) -> Arrow:
    import pyarrow as pa
    import pyarrow.compute as pc

    values = columns[name]
    if name == "implied":
        return _view(values, pa.uint8()).cast(kind)
    if name == "mtime":
        times = _view(values, pa.int64()).cast(kind)
        return _where(_array("implied", pa.bool_(), columns), None, times) if 1 in columns["implied"] else times
    if name == "xattrs":
        return pa.array(
            [_xattrs_json(value) if value else None for value in values] if any(values) else [None] * len(values), kind
        )
    if name in ("total", "below"):
        below = _view(columns["below"], pa.int32())
        return _where(pc.not_equal(below, pa.scalar(0, pa.int32())), _view(values, kind), None)
    return _view(values, kind)


def _where(mask: Arrow, then: Arrow, other: Arrow) -> Arrow:
    import pyarrow.compute as pc

    if_else: Any = pc.if_else
    return if_else(mask, then, other)


def _view(values: Sequence[Any], kind: Any) -> Arrow:
    """The values as Arrow; bytes and arrays of the right width are not copied."""
    import pyarrow as pa

    if isinstance(values, (bytes, array)):
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])
    return pa.array(values, kind)


def _repeats(column: Any) -> bool:
    """Whether contents repeat so often that a dictionary of them is smaller than writing each out."""
    import pyarrow.compute as pc

    hashed = len(column) - column.null_count
    distinct = pc.count_distinct(column, mode="only_valid").as_py()
    return bool((hashed - distinct) * 32 > hashed * distinct.bit_length() / 8)


def _xattrs_json(values: Mapping[bytes, bytes]) -> str:
    names = {name.decode(errors="surrogateescape"): b64encode(value).decode() for name, value in values.items()}
    return json.dumps(names, sort_keys=True)


def _xattrs(table: "pa.Table | Opened", name: str) -> Sequence[Any]:
    return [
        text and {key.encode(errors="surrogateescape"): b64decode(value) for key, value in json.loads(text).items()}
        for text in table.column(name).to_pylist()
    ]


def _plain(table: "pa.Table | Opened", name: str) -> Sequence[Any]:
    return _sequence(table.column(name))


def _sequence(column: Arrow) -> Sequence[Any]:
    values: Sequence[Any] = column.to_pylist()
    return values


def _octets(table: "pa.Table | Opened", name: str) -> Sequence[Any]:
    import pyarrow as pa

    chunks: list[Arrow] = table.column(name).chunks
    return b"".join(chunk.cast(pa.uint8()).buffers()[1].to_pybytes()[: len(chunk)] for chunk in chunks)


def _mtimes(table: "pa.Table | Opened", name: str) -> Sequence[Any]:
    import pyarrow as pa

    times: Arrow = table.column(name).cast(pa.int64())
    return _sequence(times.fill_null(0))


def _totals(table: "pa.Table | Opened", name: str) -> Sequence[Any]:
    import pyarrow.compute as pc

    return _sequence(pc.coalesce(table.column(name), table.column("size")))


def _counts(table: "pa.Table | Opened", name: str) -> Sequence[Any]:
    column: Arrow = table.column(name)
    return _sequence(column.fill_null(0))


_DECODERS: dict[str, Callable[["pa.Table | Opened", str], Sequence[Any]]] = {
    "kind": _octets,
    "implied": _octets,
    "mtime": _mtimes,
    "xattrs": _xattrs,
    "total": _totals,
    "below": _counts,
}
