"""A layer is indexed once in the life of the system; one seen before costs its hashes alone."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.scan import LayerScan, hash_blob, hash_layer, scan_layer
from analyzer.archive.source import BlobRef, LayerSource
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.models import Blob, Layer, LayerListing
from analyzer.oci.findings import Finding, Severity
from analyzer.services import contents
from analyzer.services.outcome import LayerOutcome

Progress = Callable[[int], None]

BLOB_CODES = frozenset({"trailing-data"})
"""Codes of what is odd about a blob; another blob of the same layer need not have it."""


@dataclass(slots=True)
class NewLayer:
    """A layer that was read and is not stored yet: everything that one transaction needs."""

    diff_id: str
    tar_size: int
    entries: int
    listing: Listing
    document: bytes  # the listing as Parquet
    contents: list[contents.ContentRow]
    findings: list[Finding]

    def kinds(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for value, implied in zip(self.listing.kinds, self.listing.implied, strict=True):
            if not implied:
                counts[value] = counts.get(value, 0) + 1
        return {Kind(value).label: count for value, count in counts.items()}


def read_layer(
    source: LayerSource, limits: Limits, progress: Progress | None = None
) -> tuple[LayerOutcome, NewLayer | None]:
    """Reads one layer of an archive; the new layer is there if it is not stored already."""
    if source.blob is None:
        return LayerOutcome.absent(source), None
    try:
        outcome = _verify_stored(source, source.blob, limits, progress)
        if outcome is not None:
            return outcome, None
        scan = scan_layer(source.blob, limits, progress)
        return _from_scan(source, scan, limits)
    except LimitReached as reached:
        finding = Finding("limit-reached", Severity.ERROR, f"{reached}. Raise {reached.setting} to read it.")
        return LayerOutcome(
            status="unsupported", diff_id=source.diff_id, limit=reached.setting, findings=[finding]
        ), None


def _verify_stored(
    source: LayerSource, blob: BlobRef, limits: Limits, progress: Progress | None
) -> LayerOutcome | None:
    """The outcome for a layer that is stored already, its bytes hashed all the same; None if it must be read."""
    layer = Layer.objects.filter(diff_id=source.diff_id).first() if source.diff_id else None
    if layer is None:
        return None
    carried = {known.digest: known for known in layer.blobs.all()}
    if source.digest in carried or any(known.compression != "none" for known in carried.values()):
        digest, size = hash_blob(blob, progress)
        if digest in carried:
            known = carried[digest]
            findings = [Finding.from_json(item) for item in known.findings]
            return LayerOutcome("ok", layer.diff_id, digest, size, known.compression, True, findings=findings)
    hashed = hash_layer(blob, limits, progress)
    if hashed.status != "ok" or hashed.diff_id != layer.diff_id:
        return None
    return _outcome(hashed, layer.diff_id, known=True)


def _outcome(scan: LayerScan, diff_id: str, *, known: bool) -> LayerOutcome:
    findings = [finding for finding in scan.findings if finding.code in BLOB_CODES]
    return LayerOutcome("ok", diff_id, scan.blob_digest, scan.blob_size, scan.compression, known, findings=findings)


def _from_scan(source: LayerSource, scan: LayerScan, limits: Limits) -> tuple[LayerOutcome, NewLayer | None]:
    if scan.status != "ok" or scan.members is None or scan.diff_id is None or scan.tar_size is None:
        code = "layer-damaged" if scan.status == "damaged" else "layer-unsupported"
        return LayerOutcome(
            status=scan.status,
            diff_id=source.diff_id,
            blob_digest=scan.blob_digest,
            blob_size=scan.blob_size,
            compression=scan.compression,
            findings=[Finding(code, Severity.ERROR, scan.reason), *scan.findings],
        ), None
    listing, listing_findings = Listing.build(scan.members, limits)
    layer = NewLayer(
        diff_id=scan.diff_id,
        tar_size=scan.tar_size,
        entries=scan.members.count,
        listing=listing,
        document=listing.to_parquet(),
        contents=contents.rows_of(listing),
        findings=[*(item for item in scan.findings if item.code not in BLOB_CODES), *listing_findings],
    )
    return _outcome(scan, scan.diff_id, known=False), layer


def store_layer(new: NewLayer) -> Layer:
    """One transaction: whoever inserts the row first also counts its contents; everyone else finds it there."""
    with transaction.atomic():
        layer, created = Layer.objects.get_or_create(
            diff_id=new.diff_id,
            defaults={
                "size": new.listing.size,
                "tar_size": new.tar_size,
                "entries": new.entries,
                "kinds": new.kinds(),
                "findings": [finding.as_json() for finding in new.findings],
            },
        )
        if created:
            LayerListing.objects.create(layer=layer, document=new.document)
            contents.add(new.contents)
    return layer


def store_blob(outcome: LayerOutcome, layer: Layer, *, kept: bool = False) -> None:
    """Records that this blob carries the layer, and whether its bytes are in the blob store."""
    blob, created = Blob.objects.get_or_create(
        digest=outcome.blob_digest,
        defaults={
            "layer": layer,
            "size": outcome.blob_size,
            "compression": outcome.compression,
            "kept": kept,
            "findings": [finding.as_json() for finding in outcome.findings],
        },
    )
    if kept and not created and not blob.kept:
        Blob.objects.filter(pk=blob.pk).update(kept=True)
