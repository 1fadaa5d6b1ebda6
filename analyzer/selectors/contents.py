"""Distinct file contents of a set of layers: the last rung of the dedup ladder."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Sum

from analyzer.models import Content, Layer
from analyzer.selectors.listing_documents import documents_at

FIELDS: "list[pa.Field[Any]]" = [pa.field("sha256", pa.binary(32)), pa.field("size", pa.int64())]
SCHEMA = pa.schema(FIELDS)
LOOKED_UP = 500  # contents that one query looks up
MOST_ROWS = 1_000_000
"""Rows that are gathered before they are made distinct: 40 MB. Grouping costs per call more than per row."""

QUICK = 40_000.0
"""What is counted while a page waits, in microseconds. On 4 million entries, SQLite and PostgreSQL:"""
READ = 0.4  # an entry of a listing, distinct contents found among others
SUM = 0.08  # an entry of all layers, the table of contents summed up
LOOK_UP = 4.0  # an entry of a listing, its contents looked up in that table


@dataclass(frozen=True, slots=True)
class Contents:
    """Distinct contents of regular files, and their bytes."""

    number: int
    size: int


def contents_of(layer_pks: Collection[int], *, patient: bool = False) -> Contents | None:
    """The distinct contents of these layers; None if counting would take too long and nobody is `patient`.

    Either their listings are read; or, where that is less work, those of all other layers, and what is in those
    alone is taken from what the table of contents knows of all. Since layers never change, the sum is remembered.
    """
    if not layer_pks:
        return Contents(0, 0)
    key = "contents-" + hashlib.sha256(" ".join(map(str, sorted(layer_pks))).encode()).hexdigest()
    counted: Contents | None = cache.get(key)
    if counted is not None:
        return counted
    entries = _entries()
    others = entries.keys() - set(layer_pks)
    reading = READ * sum(entries.get(pk, 0) for pk in layer_pks)
    subtracting = SUM * sum(entries.values()) + LOOK_UP * sum(entries[pk] for pk in others)
    if min(reading, subtracting) > QUICK and not patient:
        return None
    counted = _count(layer_pks) if reading <= subtracting else _all_but(others)
    if entries == _entries():  # else a layer came or went meanwhile
        cache.set(key, counted, timeout=None)
    return counted


def _entries() -> dict[int, int]:
    return dict(Layer.objects.values_list("pk", "entries"))


def _all_but(layer_pks: Collection[int]) -> Contents:
    """The contents of all layers, less those that these layers hold and no other."""
    total = Content.objects.aggregate(count=Count("pk"), size=Sum("size"))
    holders: Counter[bytes] = Counter()
    for document in documents_at(layer_pks):
        files = _read(document)["sha256"].drop_null().unique()
        holders.update(sha256[: Content.PREFIX_BYTES] for sha256 in files.to_pylist() if sha256)
    number, size = total["count"], total["size"] or 0
    look_up = _looked_up if connection.vendor == "postgresql" else _looked_up_by_some
    for prefix, held, layers in look_up(sorted(holders)):
        if layers == holders[bytes(prefix)]:
            number, size = number - 1, size - held
    return Contents(number, size)


def _looked_up_by_some(prefixes: list[bytes]) -> Iterator[tuple[bytes | memoryview, int, int]]:
    """Prefix, size and number of layers of these contents."""
    for start in range(0, len(prefixes), LOOKED_UP):
        rows = Content.objects.filter(pk__in=prefixes[start : start + LOOKED_UP])
        yield from rows.values_list("pk", "size", "layers")


def _looked_up(prefixes: list[bytes]) -> list[tuple[bytes, int, int]]:
    """The same of PostgreSQL: all at once and as bytes, which takes half the time."""
    import psycopg

    connection.ensure_connection()
    with psycopg.Cursor[tuple[bytes, int, int]](connection.connection) as cursor:
        return cursor.execute(
            "SELECT sha256_prefix, size, layers FROM analyzer_content WHERE sha256_prefix = ANY(%b)",
            [prefixes],
            binary=True,
        ).fetchall()


def _count(layer_pks: Collection[int]) -> Contents:
    """By all 32 bytes of the sha256, over the columns alone that are needed."""
    gathered, rows = [SCHEMA.empty_table()], 0
    for document in documents_at(layer_pks):
        found = _read(document)
        gathered.append(found)
        rows += found.num_rows
        if rows > MOST_ROWS:
            gathered, rows = [_distinct(gathered)], 0
    distinct = _distinct(gathered)
    return Contents(distinct.num_rows, pc.sum(distinct["size"]).as_py() or 0)


def _read(document: bytes | memoryview) -> pa.Table:
    # ParquetFile, not read_table: that looks for partitions first, which takes longer than to read.
    return pq.ParquetFile(pa.BufferReader(bytes(document))).read(SCHEMA.names, use_threads=False).cast(SCHEMA)


def _distinct(tables: list[pa.Table]) -> pa.Table:
    files = pa.concat_tables(tables)
    files = files.filter(pc.is_valid(files["sha256"]))
    found = files.group_by("sha256").aggregate([("size", "min")])
    return found.select(["sha256", "size_min"]).rename_columns(SCHEMA.names)
