"""Descriptors, manifests and indexes (OCI image-spec descriptor.md, manifest.md, image-index.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.oci.config import Platform, parse_platform
from analyzer.oci.digest import InvalidDigest, parse_digest
from analyzer.oci.jsondoc import DocumentError, as_count, as_list, as_object, as_text, as_text_map, as_texts
from analyzer.oci.mediatypes import IMAGE_CONFIGS, holds_no_files

REFERENCE_TYPE = "vnd.docker.reference.type"
REFERENCE_DIGEST = "vnd.docker.reference.digest"


@dataclass(frozen=True, slots=True)
class Descriptor:
    digest: str
    size: int | None
    media_type: str
    platform: Platform | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    urls: tuple[str, ...] = ()

    @property
    def is_attestation(self) -> bool:
        """An attestation as BuildKit attaches it, beside the image in one index."""
        return self.annotations.get(REFERENCE_TYPE) == "attestation-manifest"


@dataclass(frozen=True, slots=True)
class Manifest:
    config: Descriptor
    layers: tuple[Descriptor, ...]  # bottom first
    annotations: Mapping[str, str]
    artifact_type: str
    subject: str | None = None  # digest of the manifest that this one is about

    @property
    def artifact(self) -> str | None:
        """What kind of artifact this is, None if it is an image (image-spec manifest.md, "artifactType").

        Signatures and builders' attestations pose as images by the type of their config, so the
        types of the layers have a say.
        """
        if self.artifact_type and self.artifact_type not in IMAGE_CONFIGS:
            return self.artifact_type
        if self.config.media_type and self.config.media_type not in IMAGE_CONFIGS:
            return self.config.media_type
        if self.layers and all(holds_no_files(layer.media_type) for layer in self.layers):
            return self.layers[0].media_type
        return None


def parse_descriptor(value: Any, name: str) -> Descriptor:
    """Raises DocumentError, also where the digest is none of sha256."""
    document = as_object(value, name)
    try:
        digest = parse_digest(document.get("digest"))
    except InvalidDigest as error:
        raise DocumentError(f"the digest of {name} is {error}") from None
    platform = document.get("platform")
    return Descriptor(
        digest=digest,
        size=as_count(document.get("size"), f"the size of {name}"),
        media_type=as_text(document.get("mediaType"), f"the mediaType of {name}"),
        platform=None if platform is None else parse_platform(as_object(platform, f"the platform of {name}")),
        annotations=as_text_map(document.get("annotations"), f"annotations of {name}"),
        urls=tuple(as_texts(document.get("urls"), f"urls of {name}")),
    )


def parse_manifest(document: dict[str, Any]) -> Manifest:
    """Raises DocumentError."""
    return Manifest(
        config=parse_descriptor(document.get("config"), "config"),
        layers=tuple(
            parse_descriptor(layer, f"layers[{index}]")
            for index, layer in enumerate(as_list(document.get("layers"), "layers"))
        ),
        annotations=as_text_map(document.get("annotations"), "annotations"),
        artifact_type=as_text(document.get("artifactType"), "artifactType"),
        subject=parse_descriptor(document["subject"], "subject").digest if document.get("subject") else None,
    )
