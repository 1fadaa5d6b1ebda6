"""A pipe is written to a file first: archives are read where their members lie, not in their order."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from analyzer.archive.budget import Limits
from analyzer.archive.room import Room

BLOCK = 1 << 20


@contextmanager
def spooled(name: str, work_folder: Path, limits: Limits) -> Iterator[Path]:
    """The path to read: `name` itself, or for `-` a file with what standard input has. Raises LimitReached, OSError."""
    if name != "-":
        yield Path(name)
        return
    path = work_folder / "stdin.tar"
    size, room = 0, Room(work_folder, settings.MIN_FREE_DISK_BYTES)
    with path.open("wb") as file:
        while block := sys.stdin.buffer.read(BLOCK):
            size += len(block)
            limits.check("max_archive_bytes", size, "The archive")
            room.need(len(block))
            file.write(block)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
