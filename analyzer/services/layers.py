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


@dataclass(frozen=True, slots=True)
class StoredBlob:
    compression: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class StoredLayer:
    """What is known of a declared layer before its bytes are read: its blobs, by digest."""

    diff_id: str
    blobs: dict[str, StoredBlob]


@dataclass(slots=True)
class NewLayer:
    """A layer that was read and is not stored yet: everything that one transaction needs."""

    diff_id: str
    tar_size: int
    entries: int
    listing: Listing
    findings: list[Finding]

    def kinds(self) -> dict[str, int]:
        """Listed entries by the label of their kind; implied folders are none."""
        kinds = self.listing.kinds
        counts = {kind.label: kinds.count(kind) for kind in Kind}
        counts[Kind.DIR.label] -= self.listing.implied.count(1)
        return {label: count for label, count in counts.items() if count}


def stored_layer(diff_id: str | None) -> StoredLayer | None:
    """The layer of that diffID, if it is stored."""
    layer = Layer.objects.filter(diff_id=diff_id).first() if diff_id else None
    if layer is None:
        return None
    blobs = {
        blob.digest: StoredBlob(blob.compression, tuple(Finding.from_json(item) for item in blob.findings))
        for blob in layer.blobs.all()
    }
    return StoredLayer(layer.diff_id, blobs)


def read_layer(
    source: LayerSource, stored: StoredLayer | None, limits: Limits, progress: Progress | None = None
) -> tuple[LayerOutcome, NewLayer | None]:
    """Reads one layer of an archive, without the database; the new layer is there if it is not stored already."""
    return arrange(source, read_blob(source, stored, limits, progress), limits)


def read_blob(
    source: LayerSource, stored: StoredLayer | None, limits: Limits, progress: Progress | None = None
) -> LayerOutcome | LayerScan:
    """The bytes of a layer: an outcome, or what is to be arranged of a layer that is not stored yet."""
    if source.blob is None:
        return LayerOutcome.absent(source)
    try:
        verified = _verify(source, source.blob, stored, limits, progress) if stored else None
        return verified or scan_layer(source.blob, limits, progress)
    except LimitReached as reached:
        return _refused(source, reached)


def arrange(
    source: LayerSource, read: LayerOutcome | LayerScan, limits: Limits
) -> tuple[LayerOutcome, NewLayer | None]:
    """What was read, as an outcome and the layer to store."""
    if isinstance(read, LayerOutcome):
        return read, None
    try:
        return _from_scan(source, read, limits)
    except LimitReached as reached:
        return _refused(source, reached), None


def _refused(source: LayerSource, reached: LimitReached) -> LayerOutcome:
    finding = Finding("limit-reached", Severity.ERROR, f"{reached}. Raise {reached.setting} to read it.")
    return LayerOutcome("unsupported", source.diff_id, limit=reached.setting, findings=[finding])


def _verify(
    source: LayerSource, blob: BlobRef, stored: StoredLayer, limits: Limits, progress: Progress | None
) -> LayerOutcome | None:
    """The outcome for a layer that is stored already, its bytes hashed all the same; None if it must be read."""
    if source.digest in stored.blobs or any(known.compression != "none" for known in stored.blobs.values()):
        digest, size = hash_blob(blob, progress)
        if digest in stored.blobs:
            known = stored.blobs[digest]
            return LayerOutcome(
                "ok", stored.diff_id, digest, size, known.compression, known=True, findings=[*known.findings]
            )
    hashed = hash_layer(blob, limits, progress)
    if hashed.status != "ok" or hashed.diff_id != stored.diff_id:
        return None
    return _outcome(hashed, stored.diff_id, known=True)


def _outcome(scan: LayerScan, diff_id: str, *, known: bool) -> LayerOutcome:
    findings = [finding for finding in scan.findings if finding.code in BLOB_CODES]
    return LayerOutcome("ok", diff_id, scan.blob_digest, scan.blob_size, scan.compression, known, findings=findings)


def _from_scan(source: LayerSource, scan: LayerScan, limits: Limits) -> tuple[LayerOutcome, NewLayer | None]:
    if scan.status != "ok" or scan.members is None or scan.diff_id is None or scan.tar_size is None:
        code = "layer-damaged" if scan.status == "damaged" else "layer-unsupported"
        finding = Finding(code, Severity.ERROR, scan.reason)
        outcome = LayerOutcome(scan.status, source.diff_id, scan.blob_digest, scan.blob_size, scan.compression)
        outcome.findings = [finding, *scan.findings]
        return outcome, None
    listing, listing_findings = Listing.build(scan.members, limits)
    layer = NewLayer(
        diff_id=scan.diff_id,
        tar_size=scan.tar_size,
        entries=scan.members.count,
        listing=listing,
        findings=[*(item for item in scan.findings if item.code not in BLOB_CODES), *listing_findings],
    )
    return _outcome(scan, scan.diff_id, known=False), layer


def store_layer(new: NewLayer, encode: Callable[[], bytes] | None = None) -> Layer:
    """One transaction: whoever inserts the row first also counts its contents; everyone else finds it there.

    `encode` gives the listing as Parquet, where somebody has begun with it already.
    """
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
            contents.add(contents.rows_of(new.listing))
            LayerListing.objects.create(layer=layer, document=(encode or new.listing.to_parquet)())
    return layer


def store_blob(outcome: LayerOutcome, layer: Layer, *, kept: bool = False) -> None:
    """Records that this blob carries the layer, and whether its bytes are in the blob store."""
    if outcome.blob_digest is None or outcome.blob_size is None or outcome.compression is None:
        raise ValueError("a layer that was read has a blob")
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
