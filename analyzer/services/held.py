"""A layer whose blob was not brought, because whoever brings the image holds it already."""

from analyzer.archive.source import LayerSource
from analyzer.models import Blob
from analyzer.oci.findings import Finding, Severity
from analyzer.oci.mediatypes import declared_compression
from analyzer.services.outcome import LayerOutcome


def held_outcome(source: LayerSource) -> LayerOutcome:
    """What reading the blob would tell, where its bytes were read once; else what the manifest says of it."""
    blob = Blob.objects.filter(digest=source.digest).select_related("layer").first()
    if blob is not None and source.diff_id in (None, blob.layer.diff_id):
        told = [Finding.from_json(item) for item in blob.findings]
        diff_id, digest, size, compression = blob.layer.diff_id, blob.digest, blob.size, blob.compression
        return LayerOutcome("ok", diff_id, digest, size, compression, known=True, findings=[*told, _finding(source)])
    said = declared_compression(source.media_type)
    return LayerOutcome("ok", source.diff_id, source.digest, source.size, said, known=True, findings=[_finding(source)])


def _finding(source: LayerSource) -> Finding:
    size = "" if source.size is None else f" of {source.size:,} bytes"
    return Finding(
        "blob-not-fetched", Severity.INFO, f"The layer is stored: its blob {source.digest}{size} was not fetched."
    )
