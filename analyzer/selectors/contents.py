"""Distinct file contents of a set of layers: the last rung of the dedup ladder."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.core.cache import cache
from django.db.models import Count, Sum

from analyzer.models import Content, Layer, LayerListing

Document = bytes | memoryview
FIELDS: "list[pa.Field[Any]]" = [pa.field("sha256", pa.binary(32)), pa.field("size", pa.int64())]
SCHEMA = pa.schema(FIELDS)
BATCH = 50  # listings that are in memory at once
QUICK_ENTRIES = 200_000
"""What is counted while a page waits: some 50 ms of listings."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Distinct contents of regular files, and their bytes."""

    number: int
    size: int


def contents_of(layer_pks: Collection[int], entries: int, *, patient: bool = False) -> Contents | None:
    """The distinct contents of these layers, which have so many `entries`; None if counting would take too long.

    Of all layers there are, the table of contents knows the sum; of others the listings are read, and since
    layers never change, the sum is remembered. `patient` counts however long it takes.
    """
    if not layer_pks:
        return Contents(0, 0)
    if Layer.objects.count() == len(layer_pks):
        total = Content.objects.aggregate(count=Count("pk"), size=Sum("size"))
        return Contents(total["count"], total["size"] or 0)
    key = "contents-" + hashlib.sha256(" ".join(map(str, sorted(layer_pks))).encode()).hexdigest()
    counted: Contents | None = cache.get(key)
    if counted is None and (patient or entries <= QUICK_ENTRIES):
        counted = _count(layer_pks)
        cache.set(key, counted, timeout=None)
    return counted


def _count(layer_pks: Collection[int]) -> Contents:
    distinct = SCHEMA.empty_table()
    documents = LayerListing.objects.filter(layer__in=layer_pks).values_list("document", flat=True)
    for batch in _batched(documents.iterator(chunk_size=BATCH)):
        distinct = pa.concat_tables([distinct, *map(_contents, batch)])
        distinct = distinct.group_by("sha256").aggregate([("size", "min")]).select(["sha256", "size_min"])
        distinct = distinct.rename_columns(SCHEMA.names)
    return Contents(distinct.num_rows, pc.sum(distinct["size"]).as_py() or 0)


def _contents(document: Document) -> pa.Table:
    table = pq.read_table(pa.BufferReader(bytes(document)), columns=SCHEMA.names)
    return table.filter(pc.is_valid(table["sha256"])).select(SCHEMA.names).cast(SCHEMA)


def _batched(documents: Iterable[Document]) -> Iterator[list[Document]]:
    remaining = iter(documents)
    while batch := list(islice(remaining, BATCH)):
        yield batch
