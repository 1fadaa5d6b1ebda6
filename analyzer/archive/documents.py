"""The JSON documents of an archive, read where they lie and within the limits."""

from typing import Any

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.outer import Outer
from analyzer.archive.source import BlobRef
from analyzer.oci.config import ImageConfig, parse_config
from analyzer.oci.jsondoc import DocumentError, NestedTooDeep, parse, values_of
from analyzer.oci.wording import shown


class Documents:
    """Raises LimitReached where a document, or all that were read together, are over a limit."""

    def __init__(self, outer: Outer, limits: Limits) -> None:
        self._outer = outer
        self._limits = limits
        self._total = 0
        self._values = 0

    def raw(self, blob: BlobRef, name: str) -> bytes:
        """The bytes of the document `name`."""
        self._limits.check("max_json_bytes", blob.length, f"The size of the document {shown(name)}")
        self._total += blob.length
        self._limits.check("max_documents_bytes", self._total, "The size of all documents of the archive")
        with blob.open() as file:
            return file.read(blob.length) or b""

    def parsed(self, raw: bytes, name: str) -> Any:
        """Raises DocumentError."""
        self._count(raw)
        try:
            return parse(raw, self._limits.max_json_depth)
        except NestedTooDeep:
            raise self._too_deep(name) from None

    def config(self, raw: bytes, name: str) -> ImageConfig:
        """Raises DocumentError."""
        self._count(raw)
        try:
            config = parse_config(raw, self._limits.max_json_depth)
        except NestedTooDeep:
            raise self._too_deep(name) from None
        self._limits.check("max_history_steps", len(config.history), f"The number of history steps in {shown(name)}")
        return config

    def found(self, name: str) -> Any:
        """The document under `name`, parsed; None if there is none. Raises DocumentError."""
        blob = self._outer.find(name)
        if blob is None:
            return None
        document = self.parsed(self.raw(blob, name), name)
        if document is None:
            raise DocumentError("it is null")
        return document

    def _count(self, raw: bytes) -> None:
        """Before they are parsed."""
        self._values += values_of(raw)
        what = "The number of values in the documents of the archive"
        self._limits.check("max_json_values", self._values, what)

    def _too_deep(self, name: str) -> LimitReached:
        return LimitReached("MAX_JSON_DEPTH", self._limits.max_json_depth, f"The nesting of the document {shown(name)}")
