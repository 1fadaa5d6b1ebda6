"""What an archive holds, whichever form it has: images, their layers, and where each blob's bytes lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from io import FileIO, RawIOBase
from pathlib import Path
from typing import Any

from analyzer.oci.config import Platform as Platform
from analyzer.oci.findings import Finding
from analyzer.oci.history import HistoryStep as HistoryStep


class ArchiveError(Exception):
    """The file yields nothing; the message is one sentence for a person, with a way out."""


class ArchiveFormat(StrEnum):
    DOCKER_ARCHIVE = "docker-archive"
    OCI_ARCHIVE = "oci-archive"
    OCI_LAYOUT = "oci-layout"
    DOCKER_DAEMON = "docker-daemon"  # what a running engine saved
    DOCKER_STORAGE = "docker-storage"  # an engine's data root
    REGISTRY = "registry"  # a layout folder that a pull has written


class Presence(StrEnum):
    PRESENT = "present"
    MISSING = "missing"
    FOREIGN = "foreign"
    HELD = "held"  # not brought, as whoever brings the rest has it stored


@dataclass(frozen=True, slots=True)
class BlobRef:
    """Bytes in a file: taken where they lie, never copied out."""

    path: Path
    offset: int
    length: int

    def open(self) -> RawIOBase:
        """A file that reads the bytes from the first on; it may read past their end. Raises OSError."""
        file = FileIO(self.path)
        file.seek(self.offset)
        return file


@dataclass(frozen=True, slots=True)
class LayerSource:
    presence: Presence
    blob: BlobRef | None  # None unless present
    diff_id: str | None  # as the config declares it
    digest: str | None = None  # of the blob, as a descriptor declares it
    size: int | None = None  # of the blob, as a descriptor declares it
    media_type: str | None = None


@dataclass(slots=True)
class ImageSource:
    image_id: str  # sha256 of `config`
    config: bytes  # raw
    document: Mapping[str, Any]  # the same, parsed and checked for types
    platform: Platform
    created: str | None  # RFC 3339 UTC, None if absent or malformed
    history: Sequence[HistoryStep]  # bottom first
    layers: Sequence[LayerSource]  # bottom first
    references: list[str]  # normalised, `registry/repository:tag`
    manifest_digest: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attestation:
    digest: str  # of the attestation's manifest
    subject: str  # digest of the manifest that it is about
    image_id: str | None  # of the image, where it is in the archive


@dataclass(slots=True)
class ArchiveContents:
    format: ArchiveFormat
    size: int  # bytes of the file as it was given; of a folder, its files added up
    images: list[ImageSource]
    attestations: list[Attestation]
    findings: list[Finding]
