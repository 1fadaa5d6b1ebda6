"""Archives opened for a look at what they hold."""

from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.opening import open_archive
from analyzer.archive.source import ArchiveContents
from analyzer.oci.findings import Severity


def opened(path: Path, limits: Limits | None = None, name: str | None = None) -> ArchiveContents:
    """The contents of the archive; its folder is the work folder."""
    with open_archive(path, limits or Limits(), path.parent, name=name) as contents:
        return contents


def told(contents: ArchiveContents) -> list[tuple[str, str, int | None]]:
    """The findings as (severity, code, layer)."""
    return [(str(finding.severity), finding.code, finding.layer) for finding in contents.findings]


def troubles(contents: ArchiveContents) -> list[str]:
    """The codes of warnings and errors."""
    return [finding.code for finding in contents.findings if finding.severity is not Severity.INFO]


def carried(contents: ArchiveContents) -> list[list[bytes | None]]:
    """The carried bytes of each image's layers, read where they lie."""
    images = []
    for image in contents.images:
        blobs: list[bytes | None] = []
        for layer in image.layers:
            if layer.blob is None:
                blobs.append(None)
                continue
            with layer.blob.path.open("rb") as file:
                file.seek(layer.blob.offset)
                blobs.append(file.read(layer.blob.length))
        images.append(blobs)
    return images
