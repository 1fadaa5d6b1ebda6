"""Where pulls keep their bytes: a layout folder each, and a folder of blobs for each team."""

import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from analyzer.models import Job
from analyzer.oci.digest import InvalidDigest
from analyzer.registry.blobfolder import BlobFolder
from analyzer.services import keeping

LAYOUT = "layout-"
TEAM = "team-"


def new_layout() -> Path:
    """A path where nothing is yet."""
    return Path(settings.PULL_DIR) / f"{LAYOUT}{uuid.uuid4()}"


def layout_folder(path: Path | None = None) -> Path:
    """An empty folder for a layout, or the one at `path` if it is still there."""
    folder = path or new_layout()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def blob_folder(team_id: int) -> BlobFolder:
    """Blobs that pulls of this team have fetched and no image has yet: the next attempt finds them here."""
    folder = Path(settings.PULL_DIR) / f"{TEAM}{team_id}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return BlobFolder(folder, settings.MIN_FREE_DISK_BYTES)


def drop_layout(layout: Path, team_id: int | None) -> None:
    """Removes a layout, and those of the team's blobs that no other layout is linked to; None: blobs stay."""
    if team_id is not None:
        _drop_blobs(layout, blob_folder(team_id).folder)
    shutil.rmtree(layout, ignore_errors=True)


def _drop_blobs(layout: Path, blobs: Path) -> None:
    for path in (layout / "blobs" / "sha256").glob("*"):
        with suppress(FileNotFoundError):
            if _names(blobs / path.name) <= 2:
                (blobs / path.name).unlink()


def sweep(older_than: float) -> None:
    """Removes what pulls left that nobody goes on with, untouched for `older_than` seconds."""
    oldest = time.time() - older_than
    root = Path(settings.PULL_DIR)
    for layout in root.glob(f"{LAYOUT}*"):
        with suppress(FileNotFoundError):
            if layout.stat().st_mtime < oldest and not Job.objects.filter(path=str(layout)).exists():
                shutil.rmtree(layout, ignore_errors=True)
    for path in root.glob(f"{TEAM}*/*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest and _names(path) == 1:
                path.unlink()


def _names(blob: Path) -> int:
    """How many names a fetched blob has here, itself among them: that in the blob store is not counted."""
    names = blob.stat().st_nlink
    with suppress(InvalidDigest):  # one that grows still
        names -= keeping.store().shares(f"sha256:{blob.name}", blob)
    return names
