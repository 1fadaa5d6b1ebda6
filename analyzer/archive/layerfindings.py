"""What is odd about one layer, in bounded number: a hostile tar must not fill the memory with complaints."""

from analyzer.oci.findings import Finding, Severity

REPORTED_PER_CODE = 50


class LayerFindings:
    """At most 50 findings of a code, and then one that says how many more there were."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, detail: str, path: bytes | None = None, severity: Severity = Severity.WARNING) -> None:
        count = self._counts[code] = self._counts.get(code, 0) + 1
        if count <= REPORTED_PER_CODE:
            self._kept.append(Finding(code, severity, detail, path=path))

    def all(self) -> list[Finding]:
        more = [
            Finding(code, Severity.WARNING, f"{count - REPORTED_PER_CODE:,} more of the same in this layer.")
            for code, count in self._counts.items()
            if count > REPORTED_PER_CODE
        ]
        return self._kept + more
