"""Listings and indexes made anew from the bytes that are kept, in the format of today.

A layer's key stands for its entries: chains, and what each process keeps in memory, count on them. So a listing is
replaced by the same entries only. Where today's reader reads other ones, that is told, and the way is to delete the
layer and to add its archive again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from analyzer.archive.budget import LimitReached
from analyzer.archive.scan import Progress, scan_layer
from analyzer.archive.source import LayerSource, Presence
from analyzer.filetree.listing import Listing
from analyzer.models import Blob, Layer, LayerIndex, LayerListing, Upkeep, UpkeepKind
from analyzer.services import upkeep
from analyzer.services.indexing import index_layer
from analyzer.services.keeping import kept_bytes, readable_blob
from analyzer.services.layers import NewLayer, arrange
from analyzer.services.seeking import forget_points
from analyzer.services.upkeep import Work

COLUMNS = ("path", "kind", "mode", "uid", "gid", "size", "mtime", "link", "sha256", "xattrs", "offset", "implied")


def ask_to_reindex(layers: Iterable[Layer], subject: str, user: User | None) -> Upkeep:
    """Work for a worker: the listings and indexes of these layers are made anew."""
    found = list(layers)
    total = sum(blob.size for blob in map(readable_blob, found) if blob)
    plan = {"layers": [layer.diff_id for layer in found]}
    return upkeep.ask(UpkeepKind.REINDEX, subject, plan, user, bytes_total=total)


def reindex(work: Work) -> None:
    """Each layer of the plan; one that is gone is passed over."""
    before = 0
    for diff_id in work.row.plan["layers"]:
        layer = Layer.objects.filter(diff_id=diff_id).first()
        blob = readable_blob(layer) if layer else None
        if diff_id not in work.results:
            result = reindex_layer(layer, blob, work.reading(before)) if layer else {"what": "It is gone."}
            work.done(diff_id, result)
        before += blob.size if blob else 0
    work.write(bytes_done=before)


def reindex_layer(layer: Layer, blob: Blob | None, progress: Progress | None = None) -> Mapping[str, Any]:
    """Makes listing and index of a layer anew: from `blob`, or where none is kept from the listing itself."""
    new: NewLayer | None = None
    if blob is not None:
        try:
            scan = scan_layer(kept_bytes(blob.digest), settings.LIMITS, progress)
            new = arrange(LayerSource(Presence.PRESENT, None, layer.diff_id), scan, settings.LIMITS)[1]
        except FileNotFoundError:
            return {"what": "Its bytes are gone: check the storage."}
        except LimitReached as reached:
            return {"what": f"{reached}. Raise {reached.setting} to read it."}
        if new is None or new.diff_id != layer.diff_id:
            return {"what": "Its bytes are damaged: verify its digests."}
    differing = _replace(layer, new)
    if differing:
        told = f"{differing:,} entries are read differently now: delete the layer, and add its archive again."
        return {"what": told, "listing": "left as it was"}
    for digest in layer.blobs.filter(kept=True).values_list("digest", flat=True):
        forget_points(digest)
    LayerIndex.objects.filter(layer=layer).update(steps="", failed="", attempt=0, lease_until=None)
    indexed = index_layer(layer)
    return {
        "what": "done" if indexed else "The listing is done, its index waits for a worker.",
        "listing": "out of its bytes" if new else "out of itself, as no bytes are kept",
        "failed": LayerIndex.objects.filter(layer=layer).values_list("failed", flat=True).first() or "",
    }


def _replace(layer: Layer, new: NewLayer | None) -> int:
    """Writes the document in today's format; returns how many entries differ, where some do and nothing is written."""
    with transaction.atomic():
        stored = LayerListing.objects.select_for_update().filter(layer=layer).first()
        old = Listing.from_parquet(bytes(stored.document)) if stored else None
        listing = new.listing if new else old
        if listing is None:
            return 0
        if old is not None and new is not None:
            differing = _differing(old, new.listing)
            if differing:
                return differing
        LayerListing.objects.update_or_create(layer=layer, defaults={"document": listing.to_parquet()})
        if new is not None:
            findings = [finding.as_json() for finding in new.findings]
            Layer.objects.filter(pk=layer.pk).update(kinds=new.kinds(), findings=findings)
    return 0


def _differing(old: Listing, new: Listing) -> int:
    """Rows that are not the same in both."""
    if old.table.select(COLUMNS).equals(new.table.select(COLUMNS)):
        return 0
    rows = [set(map(repr, listing.table.select(COLUMNS).to_pylist())) for listing in (old, new)]
    return max(1, len(rows[0] ^ rows[1]))
