"""Seek points of gzip blobs, kept beside the merged views: found once per blob, and found again if they are deleted."""

from pathlib import Path

from django.conf import settings

from analyzer.archive.compression import Compression
from analyzer.archive.plainbytes import PointFor
from analyzer.archive.seekpoints import SeekPoint, find_points, nearest_point
from analyzer.archive.unreadable import Damaged
from analyzer.blobstore.store import BlobStore
from analyzer.models import Blob

QUICK_BYTES = 16 << 20
"""Plain bytes that are inflated in 30 ms: so near the start no seek point is worth looking for."""


def point_for(store: BlobStore, blob: Blob, tar_size: int) -> PointFor:
    """Where to begin in this gzip blob. Places that nobody has found yet are found, as far as they are needed."""
    path = points_path(blob.digest)

    def nearest(offset: int) -> SeekPoint | None:
        if offset < QUICK_BYTES:
            return None
        try:
            return _known(path, offset) or _found(store, blob, tar_size, offset, path)
        except (Damaged, OSError, ValueError):  # inflating from the start tells what is wrong, if anything is
            return None

    return nearest


def _known(path: Path, offset: int) -> SeekPoint | None:
    try:
        return nearest_point(path, offset)
    except FileNotFoundError:
        return None
    except ValueError:  # cut off, or of another version
        path.unlink(missing_ok=True)
        return None


def _found(store: BlobStore, blob: Blob, tar_size: int, offset: int, path: Path) -> SeekPoint | None:
    with store.open(blob.digest) as file:
        find_points(file, tar_size, offset, path)
    return nearest_point(path, offset)


def prepare(store: BlobStore, blob: Blob, tar_size: int) -> None:
    """Finds all seek points of a gzip blob that is big enough for them. Raises Damaged, OSError."""
    path = points_path(blob.digest)
    if blob.compression == Compression.GZIP and tar_size > QUICK_BYTES and not path.exists():
        with store.open(blob.digest) as file:
            find_points(file, tar_size, tar_size, path)


def forget_points(digest: str) -> None:
    """Drops what was kept of a blob that is deleted."""
    points_path(digest).unlink(missing_ok=True)


def points_path(digest: str) -> Path:
    """Where the seek points of a blob lie, once they are found."""
    digits = digest.removeprefix("sha256:")
    return Path(settings.CACHE_DIR, "seek", digits[:2], digits)
