"""The postings of layers, each read once a process: what a layer holds never changes, and its key is never given again.

Which layers are asked for is decided anew by each search, from what is in sight.
"""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Sum

from analyzer.filetree import postings
from analyzer.models import Layer, LayerIndex, LayerPosting

MOST_BYTES = 128 << 20
"""That a process keeps: of 20 million entries. The postings of layers beyond are read by each search."""

INDEXED = f"postings.{postings.VERSION}"
"""What stands in the steps of a layer whose postings are built."""

CHUNK = 50  # documents that are in memory at once, of those that are not kept
_BYTES_AN_ENTRY = 7
_FEW = 500  # keys of one query

_kept: dict[tuple[str, int], bytes] = {}
_weight = 0


def unindexed(layers: QuerySet[Layer]) -> frozenset[int]:
    """Those of the layers that may hold anything, as their postings are not built yet. One query."""
    built = LayerIndex.objects.filter(layer=OuterRef("pk"), steps__contains=INDEXED)
    return frozenset(layers.filter(~Exists(built)).values_list("pk", flat=True))


def postings_of(kind: str, layers: Collection[int], of: QuerySet[Layer] | None = None) -> Iterator[tuple[int, bytes]]:
    """The documents of indexed layers, in no order; a layer that has nothing of the kind is left out.

    `of` may give the same layers as a query: it is used where they are many. One query, none if all are at hand.
    """
    lacking = []
    for layer in layers:
        document = _kept.get((kind, layer))
        if document is None:
            lacking.append(layer)
        elif document:
            yield layer, document
    if not lacking:
        return
    wanted = of if of is not None and len(lacking) > _FEW else lacking
    rest = set(lacking)
    for layer, document in read(
        LayerPosting.objects.filter(kind=kind, layer__in=wanted).values_list("layer", "document")
    ):
        if layer in rest:
            rest.remove(layer)
            _keep(kind, layer, document)
            yield layer, document
    for layer in rest:
        _keep(kind, layer, b"")


def read_ahead() -> None:
    """Reads all there are, before anybody asks; leaves it where they are too many to be kept."""
    entries: int = Layer.objects.aggregate(entries=Sum("entries"))["entries"] or 0
    if entries * _BYTES_AN_ENTRY > MOST_BYTES:
        return
    indexed = LayerIndex.objects.filter(steps__contains=INDEXED).values_list("layer", flat=True)
    layers = list(indexed)
    for kind in postings.KINDS:
        for _ in postings_of(kind, layers, Layer.objects.filter(index__steps__contains=INDEXED)):
            pass


def forget() -> None:
    """For tests, whose databases give primary keys again."""
    global _weight
    _kept.clear()
    _weight = 0


def read(rows: Any) -> Iterator[tuple[int, bytes]]:
    """Keys and documents, one after the other. PostgreSQL's as bytes: as text they take four times as long."""
    if connection.vendor != "postgresql":
        for key, document in rows.iterator(chunk_size=CHUNK):
            yield key, bytes(document)
        return
    from psycopg import Cursor  # the cursors of Django's own connection know text alone

    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        yield from cursor.stream(*rows.query.sql_with_params(), binary=True)


def _keep(kind: str, layer: int, document: bytes) -> None:
    global _weight
    if (kind, layer) in _kept or _weight > MOST_BYTES:
        return
    _kept[kind, layer] = document
    _weight += len(document) + 150  # what Python adds to it
