"""Blobs are kept for views of files and downloads, unless KEEP_BLOBS is off."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import cast

from django.conf import settings

from analyzer.archive.source import BlobRef
from analyzer.blobstore.filesystem import FilesystemStore
from analyzer.blobstore.objects import ObjectStore
from analyzer.blobstore.store import PARTS, BlobStore
from analyzer.models import Blob, Layer
from analyzer.services.seeking import forget_points

UNCLAIMED_SECONDS = 3600.0
"""A blob is written before its row; by then the row is there, or never will be."""


def store() -> BlobStore:
    """Where blobs lie: in a folder, or in a bucket (BLOB_STORE_URL)."""
    if settings.BLOB_STORE is not None:
        return ObjectStore(settings.BLOB_STORE)
    return FilesystemStore(Path(settings.BLOB_DIR), settings.MIN_FREE_DISK_BYTES)


def keep_blob(digest: str, blob: BlobRef, *, ours: bool = False) -> None:
    """Brings the blob's bytes into the store, in place of those that a check found to be wrong.

    `ours`: it is all of a file that is the site's own and is never written again, so it need not be copied.
    Raises BlobMismatch if the file has changed, OSError.
    """
    if Blob.objects.filter(digest=digest).exclude(fault="").update(fault="", verified=None):
        store().delete(digest)
    if ours:
        store().adopt(digest, blob.path)
    else:
        store().put(digest, blob.path, blob.offset, blob.length)


@dataclass(frozen=True, slots=True)
class KeptBytes(BlobRef):
    """A kept blob as what is read: its `path` is never asked for."""

    digest: str

    def open(self) -> RawIOBase:
        """Raises FileNotFoundError, OSError."""
        return cast("RawIOBase", store().open(self.digest))


def kept_bytes(digest: str) -> KeptBytes:
    """The bytes of a kept blob, to be read from the first on. Raises FileNotFoundError."""
    return KeptBytes(Path(), 0, store().size(digest), digest)


def readable_blob(layer: Layer) -> Blob | None:
    """The kept blob to read the layer from: none with a known fault, the one with the fewest bytes."""
    return layer.blobs.filter(kept=True, fault="").order_by("size").first()


def recompressed(diff_id: str | None) -> bool:
    """Whether the layer's bytes are kept in a form that was made here: those that archives bring need not be, too."""
    return Blob.objects.filter(layer__diff_id=diff_id, made=True, kept=True, fault="").exists()


def drop_blobs(digests: Iterable[str]) -> int:
    """Deletes bytes that no row claims any more (one may have come back meanwhile). Returns how many bytes went."""
    freed = 0
    for digest in digests:
        kept = Blob.objects.filter(digest=digest, kept=True)
        if not kept.exists():
            freed += store().delete(digest)
            forget_points(digest)
            if kept.exists() and not store().has(digest):  # in between: the row is not to promise what is gone
                kept.update(kept=False)
    return freed


def sweep(number: int) -> None:
    """Drops what killed or cancelled jobs left: half-written blobs, and those without a row in one part of the store.

    `number` says which part; any number will do, and PARTS consecutive ones go through the whole store.
    """
    store().sweep(older_than=UNCLAIMED_SECONDS)
    digests = list(store().part(number % PARTS, older_than=UNCLAIMED_SECONDS))
    claimed = set(Blob.objects.filter(digest__in=digests, kept=True).values_list("digest", flat=True))
    drop_blobs(digest for digest in digests if digest not in claimed)
