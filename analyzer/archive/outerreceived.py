"""An archive that came as a stream: each of its files was written once, to a file of its own, where it is read.

Those files are numbered. Which name in the archive each has stands in a document beside them, so that no name of a
stream is ever one on the disk, whatever it looks like.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.places import Places
from analyzer.archive.room import Room
from analyzer.archive.source import BlobRef
from analyzer.archive.tarwalk import BrokenTarError, Member, ends_within, walk

MEMBERS = "members.json"


def receive(blocks: Iterable[bytes], folder: Path, limits: Limits, reserve: int = 0) -> int:
    """Writes the members of a tar into `folder`, for OuterReceived, and returns how many bytes the stream had.

    `reserve`: bytes of the disk that must stay free. Raises LimitReached, OSError, and what `blocks` raises.
    """
    receiver = _Receiver(folder, limits, reserve)
    receiver.receive(_Forwards(blocks, limits))
    return receiver.size


class OuterReceived(Places):
    """What `receive` wrote into a folder."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError."""
        super().__init__()
        document = json.loads((folder / MEMBERS).read_bytes())
        self.size, self.members, self.broken = document["size"], document["members"], document["broken"]
        self._why_not = document["why_not"]
        self._places = {
            name: BlobRef(folder / place[0], 0, place[1]) if isinstance(place, list) else place
            for name, place in document["places"].items()
        }


class _Receiver(Places):
    def __init__(self, folder: Path, limits: Limits, reserve: int) -> None:
        super().__init__()
        self.size = 0
        self._folder = folder
        self._limits = limits
        self._room = Room(folder, reserve)

    def receive(self, stream: "_Forwards") -> None:
        try:
            for member in walk(stream, sys.maxsize):
                self._take(member, stream)
                end = member.offset + member.size
                if stream.seek(end) < end:
                    raise ends_within(stream.position, end)
        except BrokenTarError as error:
            self.broken = str(error)
        self.size = stream.seek(sys.maxsize)
        (self._folder / MEMBERS).write_text(json.dumps(self._document()), encoding="ascii")

    def _take(self, member: Member, stream: "_Forwards") -> None:
        if not self.takes(member, self._limits):
            return
        path = self._folder / str(self.members)
        size = 0
        with path.open("xb", buffering=0) as file:
            for block in stream.blocks(member.size):
                self._room.need(len(block))
                size += len(block)
                while block:
                    block = block[file.write(block) :]  # one call may take only a part
        self.put(member, BlobRef(path, 0, size))

    def _document(self) -> dict[str, object]:
        return {
            "size": self.size,
            "members": self.members,
            "broken": self.broken,
            "why_not": self._why_not,
            "places": {
                name: [place.path.name, place.length] if isinstance(place, BlobRef) else place
                for name, place in self._places.items()
            },
        }


class _Forwards:
    """Blocks as a file that can be read forwards. Raises LimitReached where it has more bytes than an archive may."""

    def __init__(self, blocks: Iterable[bytes], limits: Limits) -> None:
        self.position = 0
        self._arrived = 0
        self._blocks = iter(blocks)
        self._block = memoryview(b"")
        self._limits = limits

    def seek(self, offset: int, /) -> int:
        """Leaves out what comes before `offset`; returns where that ended, which is sooner at the stream's end."""
        for _ in self.blocks(offset - self.position):
            pass
        return self.position

    def read(self, size: int, /) -> bytes:
        return b"".join(self.blocks(size))

    def blocks(self, size: int) -> Iterator[memoryview]:
        """The next `size` bytes, less at the end."""
        while size > 0 and self._fill():
            block, self._block = self._block[:size], self._block[size:]
            self.position += len(block)
            size -= len(block)
            yield block

    def _fill(self) -> bool:
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                return False
            self._arrived += len(block)
            self._limits.check("max_archive_bytes", self._arrived, "The archive")
            self._block = memoryview(block)
        return True
