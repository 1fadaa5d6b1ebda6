"""What reading one blob of an archive told. Plain data: it crosses processes and rests in a job's row."""

from dataclasses import dataclass, field
from typing import Any

from analyzer.archive.source import LayerSource
from analyzer.oci.findings import Finding, Severity
from analyzer.oci.mediatypes import declared_compression


@dataclass(slots=True)
class LayerOutcome:
    """`diff_id` is computed where the status is ok, else the declared one. Sizes are bytes, null if unknown."""

    status: str  # ok, missing, foreign, damaged, unsupported
    diff_id: str | None
    blob_digest: str | None = None
    blob_size: int | None = None
    compression: str | None = None
    known: bool = False  # it was stored already
    limit: str | None = None  # the setting that stopped the reading
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "diff_id": self.diff_id,
            "blob_digest": self.blob_digest,
            "blob_size": self.blob_size,
            "compression": self.compression,
            "known": self.known,
            "limit": self.limit,
            "findings": [finding.as_json() for finding in self.findings],
        }

    @classmethod
    def absent(cls, source: LayerSource) -> "LayerOutcome":
        """For a layer whose bytes are not in the archive."""
        return cls(status=source.presence.value, diff_id=source.diff_id)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "LayerOutcome":
        findings = [Finding.from_json(item) for item in document["findings"]]
        return cls(**{**document, "findings": findings})


def blob_findings(source: LayerSource, outcome: LayerOutcome) -> list[Finding]:
    """What reading told, and where the blob is not what the archive's documents declare."""
    found = [*outcome.findings]
    if not outcome.ok:
        return found
    if source.digest is not None and source.digest != outcome.blob_digest:
        detail = f"Declared as {source.digest}, its bytes are {outcome.blob_digest}."
        found.append(Finding("digest-mismatch", Severity.WARNING, detail))
    if source.diff_id is not None and source.diff_id != outcome.diff_id:
        detail = f"The config declares {source.diff_id}; the layer is {outcome.diff_id} and kept under that."
        found.append(Finding("diff-id-mismatch", Severity.WARNING, detail))
    declared = declared_compression(source.media_type)
    if declared is not None and declared != outcome.compression:
        actual = "a plain tar" if outcome.compression == "none" else outcome.compression
        found.append(
            Finding(
                "media-type-mismatch", Severity.WARNING, f"Declared as {source.media_type}, its bytes are {actual}."
            )
        )
    return found
