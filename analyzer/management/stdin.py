"""A pipe is written to a file first: archives are read where their members lie, not in their order."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analyzer.archive.budget import Limits

BLOCK = 1 << 20


@contextmanager
def spooled(name: str, work_folder: Path, limits: Limits) -> Iterator[Path]:
    """The path to read: `name` itself, or for `-` a file that standard input was written to. Raises LimitReached."""
    if name != "-":
        yield Path(name)
        return
    path = work_folder / "stdin.tar"
    size = 0
    with path.open("wb") as file:
        while block := sys.stdin.buffer.read(BLOCK):
            size += len(block)
            limits.check("max_archive_bytes", size, "The archive")
            file.write(block)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
