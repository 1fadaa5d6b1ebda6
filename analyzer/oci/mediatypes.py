"""Media types (OCI image-spec media-types.md; Docker image manifest v2 schema 2) and what they tell apart."""

from enum import StrEnum
from typing import Any

from analyzer.oci.jsondoc import DocumentError

IMAGE_CONFIGS = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
INDEXES = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
MANIFESTS = frozenset(
    {"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"}
)


class DocumentKind(StrEnum):
    INDEX = "index"
    MANIFEST = "manifest"
    SCHEMA1 = "schema 1 manifest"
    OTHER = "document of another kind"


def kind_of_document(document: dict[str, Any]) -> DocumentKind:
    """What a document is, by its shape: a label may lie.

    Raises DocumentError for one that is both an index and a manifest, since two readers could take
    it for two different images (image-spec manifest.md, "mediaType").
    """
    is_index = "manifests" in document
    if is_index and ("layers" in document or "config" in document):
        raise DocumentError("it is both an index and a manifest")
    if is_index:
        return DocumentKind.INDEX
    if document.get("schemaVersion") == 1 or "fsLayers" in document:
        return DocumentKind.SCHEMA1
    return DocumentKind.MANIFEST if "config" in document else DocumentKind.OTHER


def label_lies(media_type: str, kind: DocumentKind) -> bool:
    """Whether a descriptor calls an index a manifest, or the other way round."""
    return (media_type in INDEXES and kind is not DocumentKind.INDEX) or (
        media_type in MANIFESTS and kind is not DocumentKind.MANIFEST
    )


def declared_compression(media_type: str | None) -> str | None:
    """What an OCI or Docker media type says of the compression; None where it says nothing."""
    if media_type is None:
        return None
    if media_type.endswith(("+gzip", ".tar.gzip")):
        return "gzip"
    if media_type.endswith("+zstd"):
        return "zstd"
    return "none" if media_type.endswith(".tar") else None


def is_foreign(media_type: str) -> bool:
    """A layer that may not be distributed: its bytes lie elsewhere."""
    return "foreign" in media_type or "nondistributable" in media_type


def holds_no_files(media_type: str) -> bool:
    """A layer of an artifact that is text or a structured document: a signature, a statement, an SBOM."""
    return media_type.startswith("text/") or media_type.endswith(("json", "xml", "yaml"))
