"""Opening an archive: known by its bytes and its documents, never by its name."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analyzer.archive.budget import Limits
from analyzer.archive.docker import MANIFEST, read_docker
from analyzer.archive.gathering import Gathering
from analyzer.archive.legacy import REPOSITORIES, read_legacy
from analyzer.archive.ocilayout import INDEX, read_layout
from analyzer.archive.outer import Outer
from analyzer.archive.outerfolder import OuterFolder
from analyzer.archive.outerreceived import OuterReceived
from analyzer.archive.outertar import OuterTar
from analyzer.archive.refusal import not_a_tar, without_documents, without_images
from analyzer.archive.source import ArchiveContents, ArchiveError, ArchiveFormat
from analyzer.archive.whole import Progress, plain_form
from analyzer.oci.findings import Severity
from analyzer.oci.jsondoc import DocumentError
from analyzer.oci.wording import counted, shown

_BLOB_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.zst")


@contextmanager
def open_archive(
    path: Path,
    limits: Limits,
    workdir: Path,
    progress: Progress | None = None,
    *,
    name: str | None = None,
    keep_plain: bool = False,
    reserve: int = 0,
    layout: ArchiveFormat = ArchiveFormat.OCI_LAYOUT,
    held: Collection[str] = (),
) -> Iterator[ArchiveContents]:
    """What the archive holds, as long as the context lasts.

    `path` is a file (a tar, plain or compressed as a whole with gzip or zstd) or a folder. `name`
    is what the archive was called when it was given, if not as `path`: it stands in for the
    repository of a bare tag. A compressed archive is inflated into a file in `workdir`, which is
    removed at the end; with `keep_plain` it stays there, and is taken again by the next opening
    with the same `workdir`, so that blobs keep their places. `progress` gets the carried bytes read.
    `reserve`: bytes of the disk of `workdir` that must stay free. `layout` is what a folder is called (that of a
    DOCKER_DAEMON is one of `receive`); `held` are digests of blobs that may be absent, as their layers are stored.

    Raises ArchiveError with one sentence for a person, LimitReached, OSError for our own disk.
    """
    called = name or path.name
    if path.is_dir() and layout is ArchiveFormat.DOCKER_DAEMON:
        received = OuterReceived(path)
        yield _contents(received, called, limits, received.size, layout, held)
        return
    if path.is_dir():
        try:
            folder = OuterFolder(path, limits)
        except PermissionError as error:
            raise ArchiveError(f"{shown(str(error.filename))} may not be read.") from error
        limits.check("max_archive_bytes", folder.size, "The archive")
        yield _contents(folder, called, limits, folder.size, layout, held)
        return
    size = _size_of(path)
    limits.check("max_archive_bytes", size, "The archive")
    with plain_form(path, limits, workdir, progress, keep=keep_plain, reserve=reserve) as plain:
        tar = OuterTar(plain, limits)
        if not tar.members:
            raise not_a_tar(tar)
        yield _contents(tar, called, limits, size, ArchiveFormat.OCI_ARCHIVE)


def _size_of(path: Path) -> int:
    if not path.is_file():
        what = shown(str(path))
        raise ArchiveError(f"{what} is not a file." if path.exists() else f"There is no file {what}.")
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise ArchiveError(f"{shown(str(path))} may not be read.")
    size = path.stat().st_size
    if not size:
        raise ArchiveError("The archive is empty: not one byte of it has come.")
    return size


def _contents(
    outer: Outer, name: str, limits: Limits, size: int, layout: ArchiveFormat, held: Collection[str] = ()
) -> ArchiveContents:
    found = Gathering(name, outer, limits, held)
    found.attaches_referrers = layout is ArchiveFormat.REGISTRY
    # index.json goes first: it tells more of a blob; manifest.json then adds its names to the same images.
    index, docker = _read(found, INDEX, read_layout), _read(found, MANIFEST, read_docker)
    if index is None and docker is None:
        docker = _read(found, REPOSITORIES, read_legacy)
        if docker is None:
            raise without_documents(outer)
    if not found.images:
        raise without_images(found)
    _report_unreferenced(found)
    return ArchiveContents(
        format=ArchiveFormat.DOCKER_ARCHIVE if docker else layout,
        size=size,
        images=found.images,
        attestations=found.attestations,
        findings=found.findings(),
    )


def _read(found: Gathering, name: str, reader: Callable[[Gathering, Any], None]) -> bool | None:
    """Whether the document `name` could be read, None if there is none. If not, the other one may yield images."""
    if found.outer.find(name) is None:
        return None
    try:
        reader(found, found.documents.found(name))
    except DocumentError as error:
        found.refuse(name, error, code="document-refused", severity=Severity.WARNING)
        return False
    return True


def _report_unreferenced(found: Gathering) -> None:
    spare = {
        blob
        for name, blob in found.outer.files()
        if blob not in found.used and (name.startswith("blobs/") or name.endswith(_BLOB_SUFFIXES))
    }
    if spare:
        size = sum(blob.length for blob in spare)
        detail = f"No manifest refers to {counted(len(spare), 'blob')} of the archive, with {size:,} bytes."
        found.report("unreferenced-blob", Severity.INFO, detail)
