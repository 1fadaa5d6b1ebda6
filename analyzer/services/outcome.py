"""What reading one blob of an archive told. Plain data: it crosses processes and rests in a job's row."""

from dataclasses import dataclass, field
from typing import Any

from analyzer.oci.findings import Finding


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
    def from_json(cls, document: dict[str, Any]) -> "LayerOutcome":
        findings = [Finding.from_json(item) for item in document["findings"]]
        return cls(**{**document, "findings": findings})
