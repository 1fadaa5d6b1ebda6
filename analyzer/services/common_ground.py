"""Works out what a set of layers has in common: at once where that is quick, else by a worker, and pages ask again.

The row is the truth, the bell may be lost: whoever looks rings again once nobody holds the row.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from analyzer import queue
from analyzer.filetree.listing import Listing
from analyzer.models import CommonGround, Layer, LayerListing
from analyzer.oci.findings import escape
from analyzer.services import leases
from analyzer.sharing.commonground import CommonSet, File, Ground

QUICK_ENTRIES = 20_000
"""Entries whose listings are read while a page waits: some 80 ms."""

LEAST_BYTES = 64 * 1024  # sets that weigh less are not kept
MOST_SETS = 500
LEASE_SECONDS = 300.0  # ten times what five million entries take
KEPT = timedelta(days=14)
COLUMNS = ("path", "sha256", "size")


def ask(layers: Mapping[str, int], *, patient: bool = False) -> CommonGround:
    """What these layers (diffID → number of entries) have in common; `computed` is None while a worker is at it.

    `patient` waits for it however long it takes, for commands that have no worker.
    """
    diff_ids = sorted(layers)
    key = hashlib.sha256(" ".join(diff_ids).encode()).hexdigest()
    row, _ = CommonGround.objects.get_or_create(key=key, defaults={"diff_ids": diff_ids})
    if row.computed is None and (patient or sum(layers.values()) <= QUICK_ENTRIES):
        compute(key)
        row.refresh_from_db()
    elif row.computed is None and _claim(key):
        queue.ring("common_ground", key)
    elif row.asked < timezone.now() - timedelta(hours=1):
        CommonGround.objects.filter(key=key).update(asked=timezone.now())
    return row


def compute(key: str) -> None:
    """Reads the listings of the row's layers and writes their sets. Done twice it gives the same.

    A layer that was removed meanwhile is left out: nobody who asks again asks for it.
    """
    row = CommonGround.objects.filter(key=key, computed=None).first()
    if row is None:
        return
    numbers = {diff_id: number for number, diff_id in enumerate(row.diff_ids)}
    pks = {pk: numbers[diff_id] for pk, diff_id in _there(row.diff_ids)}
    at = {number: pk for pk, number in pks.items()}
    ground = Ground()
    for pk, number in pks.items():
        ground.add(number, _files(pk))
    sets = ground.sets(LEAST_BYTES, MOST_SETS, lambda number: _files(at[number]))
    now = timezone.now()
    CommonGround.objects.filter(key=key).update(computed=now, sets=[_as_json(each) for each in sets], lease_until=None)


def forget() -> None:
    """Drops what nobody has looked at for long."""
    CommonGround.objects.filter(asked__lt=timezone.now() - KEPT).delete()


def _claim(key: str) -> bool:
    until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    rows = CommonGround.objects.filter(leases.free(), key=key, attempt__lt=settings.JOB_ATTEMPTS)
    return bool(rows.update(lease_until=until, attempt=F("attempt") + 1))


def _there(diff_ids: list[str]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(diff_ids), 500):
        yield from Layer.objects.filter(diff_id__in=diff_ids[start : start + 500]).values_list("pk", "diff_id")


def _files(layer_pk: int) -> Iterable[File]:
    document = LayerListing.objects.filter(layer=layer_pk).values_list("document", flat=True).first()
    if document is None:
        return ()
    listing = Listing.from_parquet(bytes(document), COLUMNS)
    return zip(listing.paths, listing.sha256s, listing.sizes, strict=True)


def _as_json(each: CommonSet) -> dict[str, object]:
    folders = [[escape(folder.path), folder.files, folder.size] for folder in each.folders]
    return {"layers": list(each.layers), "files": each.files, "size": each.size, "folders": folders}


def given_up(row: CommonGround) -> bool:
    """Whether it took its workers down so often that no other one is asked."""
    held = row.lease_until is not None and row.lease_until > timezone.now()
    return row.computed is None and not held and row.attempt >= settings.JOB_ATTEMPTS
