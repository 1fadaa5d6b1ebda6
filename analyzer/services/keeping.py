"""Blobs are kept for views of files and downloads, unless KEEP_BLOBS is off."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from analyzer.archive.source import BlobRef
from analyzer.blobstore.filesystem import FilesystemStore
from analyzer.blobstore.store import BlobStore
from analyzer.models import Blob


def store() -> BlobStore:
    return FilesystemStore(Path(settings.BLOB_DIR))


def keep_blob(digest: str, blob: BlobRef) -> None:
    """Copies the blob's bytes into the store. Raises BlobMismatch if the file has changed, OSError."""
    store().put(digest, blob.path, blob.offset, blob.length)


def drop_blobs(digests: Iterable[str]) -> None:
    """Deletes bytes that no row claims any more (one may have come back meanwhile)."""
    for digest in digests:
        if not Blob.objects.filter(digest=digest, kept=True).exists():
            store().delete(digest)
