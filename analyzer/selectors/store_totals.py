"""What the store and the database hold, for administrators: counted by rows, so that it is told at once."""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import Length

from analyzer.models import Blob, Image, Layer, LayerListing


@dataclass(frozen=True, slots=True)
class StoreTotals:
    """Sizes in bytes."""

    kept: int
    kept_blobs: int
    blobs: int
    faults: int
    layers: int
    layer_bytes: int  # by diffID
    images: int
    listing_bytes: int
    database: int
    free: int  # of the disk that DATA_DIR lies on
    disk: int


def store_totals() -> StoreTotals:
    """Four queries, five on SQLite."""
    kept = Q(kept=True)
    blobs = Blob.objects.aggregate(
        kept_bytes=Sum("size", filter=kept),
        kept_count=Count("pk", filter=kept),
        count=Count("pk"),
        faults=Count("pk", filter=kept & ~Q(fault="")),
    )
    layers = Layer.objects.aggregate(count=Count("pk"), bytes=Sum("size"))
    disk = shutil.disk_usage(settings.DATA_DIR)
    return StoreTotals(
        kept=blobs["kept_bytes"] or 0,
        kept_blobs=blobs["kept_count"],
        blobs=blobs["count"],
        faults=blobs["faults"],
        layers=layers["count"],
        layer_bytes=layers["bytes"] or 0,
        images=Image.objects.count(),
        listing_bytes=LayerListing.objects.aggregate(size=Sum(Length("document")))["size"] or 0,
        database=_database(),
        free=disk.free,
        disk=disk.total,
    )


def _database() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return int(cursor.fetchone()[0])
