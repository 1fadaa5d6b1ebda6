"""The findings of one archive, in bounded number: thousands of layers with hundreds each must not fill the database."""

from collections.abc import Iterable, Mapping
from typing import Any

from analyzer.oci.findings import Finding, Severity

MOST = 10_000
"""Past the first half, only the first of each code in each layer is kept; past all of them, none."""

Document = Mapping[str, Any]


class ArchiveFindings:
    """Findings as JSON documents, as `Finding.as_json` makes them."""

    def __init__(self, found: Iterable[Finding]) -> None:
        self._kept: list[dict[str, Any]] = []
        self._seen: set[tuple[str | None, int | None, str]] = set()
        self._left_out = 0
        for finding in found:
            self.add(finding.as_json(), finding.image_id, finding.layer)

    def add(self, document: Document, image_id: str | None, layer: int | None) -> None:
        """One more, placed in an image (and one of its layers)."""
        case = image_id, layer, document["code"]
        if len(self._kept) >= MOST or (len(self._kept) >= MOST // 2 and case in self._seen):
            self._left_out += 1
            return
        self._seen.add(case)
        self._kept.append({**document, "image_id": image_id, "layer": layer})

    def all(self) -> list[dict[str, Any]]:
        if not self._left_out:
            return self._kept
        detail = f"{self._left_out:,} more findings of this archive are not listed."
        return [*self._kept, Finding("findings-left-out", Severity.WARNING, detail).as_json()]
