"""The outer tar of an archive: walked from header to header by seeking, its data left alone."""

from io import FileIO
from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.places import Places
from analyzer.archive.source import BlobRef
from analyzer.archive.tarwalk import BrokenTarError, walk


class OuterTar(Places):
    """A tar in a file, whose members lie where they are."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Walks the whole tar, once. Raises LimitReached, OSError."""
        super().__init__()
        self.size = path.stat().st_size
        with FileIO(path) as file:
            try:
                for member in walk(file, self.size):
                    if self.takes(member, limits):
                        there = max(0, min(member.size, self.size - member.offset))
                        self.put(member, BlobRef(path, member.offset, there))
            except BrokenTarError as error:
                self.broken = str(error)
