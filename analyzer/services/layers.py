"""A layer is indexed once in the life of the system; one seen before costs its hashes alone."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.scan import LayerScan, hash_blob, hash_layer, scan_layer
from analyzer.archive.source import BlobRef, LayerSource, Presence
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.models import Blob, Layer, LayerListing
from analyzer.oci.findings import Finding, Severity
from analyzer.services import contents
from analyzer.services.outcome import LayerOutcome

Progress = Callable[[int], None]


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
        return LayerOutcome(status=source.presence.value, diff_id=source.diff_id), None
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
    carried = {digest: compression for digest, compression in layer.blobs.values_list("digest", "compression")}
    if source.digest in carried or any(value != "none" for value in carried.values()):
        digest, size = hash_blob(blob, progress)
        if digest in carried or digest == layer.diff_id:
            compression = carried.get(digest, "none")
            return _outcome(source, digest, size, compression, layer.diff_id, known=True)
    hashed = hash_layer(blob, limits, progress)
    if hashed.status == "ok" and hashed.diff_id == layer.diff_id:
        return _outcome(source, hashed.blob_digest, hashed.blob_size, hashed.compression, layer.diff_id, known=True)
    return None


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
    outcome = _outcome(source, scan.blob_digest, scan.blob_size, scan.compression, scan.diff_id, known=False)
    layer = NewLayer(
        diff_id=scan.diff_id,
        tar_size=scan.tar_size,
        entries=scan.members.count,
        listing=listing,
        document=listing.to_parquet(),
        contents=contents.rows_of(listing),
        findings=[*scan.findings, *listing_findings],
    )
    return outcome, layer


def _outcome(
    source: LayerSource, digest: str, size: int, compression: str, diff_id: str, *, known: bool
) -> LayerOutcome:
    outcome = LayerOutcome("ok", diff_id, digest, size, compression, known)
    if source.digest is not None and source.digest != digest:
        outcome.findings.append(
            Finding("digest-mismatch", Severity.WARNING, f"Declared as {source.digest}, its bytes are {digest}.")
        )
    if source.diff_id is not None and source.diff_id != diff_id:
        outcome.findings.append(
            Finding(
                "diff-id-mismatch",
                Severity.WARNING,
                f"The config declares {source.diff_id}, the layer is {diff_id}; it is kept under the latter.",
            )
        )
    declared = _declared_compression(source.media_type)
    if declared is not None and declared != compression:
        outcome.findings.append(
            Finding(
                "media-type-mismatch",
                Severity.WARNING,
                f"Declared as {source.media_type}, its bytes are {'plain tar' if compression == 'none' else compression}.",
            )
        )
    return outcome


def _declared_compression(media_type: str | None) -> str | None:
    """What an OCI or Docker media type says of the compression; None where it says nothing."""
    if media_type is None:
        return None
    if media_type.endswith(("+gzip", ".tar.gzip")):
        return "gzip"
    if media_type.endswith("+zstd"):
        return "zstd"
    return "none" if media_type.endswith(".tar") else None


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


def store_blob(outcome: LayerOutcome, layer: Layer) -> None:
    """Records that this blob carries the layer."""
    with suppress(IntegrityError), transaction.atomic():
        Blob.objects.get_or_create(
            digest=outcome.blob_digest,
            defaults={"layer": layer, "size": outcome.blob_size, "compression": outcome.compression},
        )


__all__ = ["NewLayer", "Presence", "read_layer", "store_blob", "store_layer"]
