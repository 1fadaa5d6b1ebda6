"""Where pulls keep their bytes: a layout folder each, and a folder of blobs for each team."""

import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from analyzer.models import Job
from analyzer.registry.blobfolder import BlobFolder

LAYOUT = "layout-"
TEAM = "team-"


def layout_folder(path: Path | None = None) -> Path:
    """An empty folder for a layout, or the one at `path` if it is still there."""
    folder = path or Path(settings.PULL_DIR) / f"{LAYOUT}{uuid.uuid4()}"
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
            if (blobs / path.name).stat().st_nlink <= 2:
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
            found = path.stat()
            if found.st_mtime < oldest and found.st_nlink == 1:
                path.unlink()
