"""The counted tables as other engines read them: plain columns, keys of text, no rights.

A digest is its 64 hexadecimal digits. `image` is the number that this store gave an image, and stands for it in all
tables. All of it is read in one snapshot of the database (see `snapshot`), so that the tables agree with each other.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import QuerySet

from analyzer.models import CAUSES, Blob, Chain, Content, Holding, Image, ImageLayer, Layer, Reference, Team

if TYPE_CHECKING:
    import pyarrow as pa

Column = tuple[str, str, str]
"""Its name, its Arrow type, and the field it is read from."""

TABLES: dict[str, tuple[Callable[[], QuerySet[Any]], Sequence[Column]]] = {
    "teams": (lambda: Team.objects.order_by("pk"), [("team", "string", "slug"), ("name", "string", "name")]),
    "holdings": (
        lambda: Holding.objects.order_by("pk"),
        [("team", "string", "team__slug"), ("image", "int64", "image_id"), ("since", "time", "created")],
    ),
    "references": (
        lambda: Reference.objects.order_by("pk"),
        [
            ("team", "string", "team__slug"),
            ("repository", "string", "repository"),
            ("tag", "string", "tag"),
            ("image", "int64", "image_id"),
            ("moved", "time", "moved"),
        ],
    ),
    "images": (
        lambda: Image.objects.filter(holdings__isnull=False).distinct().order_by("pk"),
        [
            ("image", "int64", "pk"),
            ("image_id", "digest", "image_id"),
            ("size", "int64", "size"),  # null while a layer is missing
            ("os", "string", "os"),
            ("architecture", "string", "architecture"),
            ("variant", "string", "variant"),
            ("created", "time", "created_at"),
            ("stored", "time", "stored"),
        ],
    ),
    "image_layers": (
        lambda: ImageLayer.objects.filter(image__holdings__isnull=False).distinct().order_by("pk"),
        [
            ("image", "int64", "image_id"),
            ("index", "int32", "index"),
            ("layer", "digest", "layer__diff_id"),  # null: missing
            ("chain", "digest", "chain__chain_id"),  # null: not known
        ],
    ),
    "layers": (
        lambda: Layer.objects.order_by("pk"),
        [
            ("layer", "digest", "diff_id"),
            ("size", "int64", "size"),
            ("tar_size", "int64", "tar_size"),
            ("entries", "int64", "entries"),
            ("stored", "time", "created"),
        ],
    ),
    "chains": (
        lambda: Chain.objects.order_by("pk"),
        [
            ("chain", "digest", "chain_id"),
            ("parent", "digest", "parent__chain_id"),
            ("layer", "digest", "layer__diff_id"),
            *((name, "int64", name) for name in ("depth", "size", "merged_entries", "added", "modified", "removed")),
            *((f"waste_{cause}", "int64", f"waste_{cause}") for cause in CAUSES),
        ],
    ),
    "blobs": (
        lambda: Blob.objects.order_by("pk"),
        [
            ("blob", "digest", "digest"),
            ("layer", "digest", "layer__diff_id"),
            ("size", "int64", "size"),
            ("compression", "string", "compression"),
            ("kept", "bool", "kept"),
            ("made", "bool", "made"),
        ],
    ),
}
CONTENT_COLUMNS: Sequence[Column] = [
    ("sha256_prefix", "binary", "pk"),
    ("size", "int64", "size"),
    ("layers", "int32", "layers"),
    ("copies", "int64", "copies"),
]
CONTENT_SHARDS = "0123456789abcdef"
A_READ = 20_000  # rows


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read meanwhile is as it was at the start; nobody is kept from writing."""
    if connection.in_atomic_block:  # then somebody has one already
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:  # not `atomic`: that takes the lock of who writes
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def table(name: str) -> "pa.Table":
    """One of TABLES."""
    rows, columns = TABLES[name]
    return _table(rows(), columns)


def contents(shard: str) -> "pa.Table":
    """The contents whose sha256 begins with this digit, sorted by it."""
    low = bytes([int(shard, 16) << 4])
    rows = Content.objects.filter(pk__gte=low).order_by("pk")
    if shard != CONTENT_SHARDS[-1]:
        rows = rows.filter(pk__lt=bytes([(int(shard, 16) + 1) << 4]))
    return _table(rows, CONTENT_COLUMNS)


def layer_keys() -> dict[str, int]:
    """Primary keys of all layers that have a listing, by the digits of their diffID."""
    rows = Layer.objects.filter(listing__isnull=False).values_list("diff_id", "pk")
    return {diff_id.partition(":")[2]: pk for diff_id, pk in rows}


def _table(rows: QuerySet[Any], columns: Sequence[Column]) -> "pa.Table":
    import pyarrow as pa

    types = {
        "digest": pa.string(),
        "time": pa.timestamp("us", "UTC"),
        "bool": pa.bool_(),
        **{name: getattr(pa, name)() for name in ("string", "int32", "int64", "binary")},
    }
    schema = pa.schema([(name, types[kind]) for name, kind, _ in columns])
    fields = [field for _, _, field in columns]
    batches = []
    gathered: list[Any] = []
    for row in rows.values_list(*fields).iterator(chunk_size=A_READ):
        gathered.append(row)
        if len(gathered) == A_READ:
            batches.append(_batch(gathered, columns, schema))
            gathered = []
    batches.append(_batch(gathered, columns, schema))
    return pa.Table.from_batches(batches, schema)


def _batch(rows: list[Any], columns: Sequence[Column], schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa

    values: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [
        pa.array([_plain(value, kind) for value in column] if kind in ("digest", "binary") else column, field.type)
        for (_, kind, _), column, field in zip(columns, values, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _plain(value: Any, kind: str) -> Any:
    if value is None:
        return None
    return value.partition(":")[2] if kind == "digest" else bytes(value)
