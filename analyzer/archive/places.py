"""The members of a tar by their names, wherever the bytes of each lie."""

import posixpath
from collections.abc import Iterator

from analyzer.archive.budget import Limits
from analyzer.archive.outer import MAX_LINKS, Outer, normalise
from analyzer.archive.source import BlobRef
from analyzer.archive.tarwalk import Member

_FILES = (b"0", b"\0", b"7")


class Places(Outer):
    """A path that stands twice counts once: the last member wins, as for the engines."""

    def __init__(self) -> None:
        super().__init__()
        self.members = 0
        self._places: dict[str, BlobRef | str] = {}  # where the bytes lie, or the name that a link leads to

    def takes(self, member: Member, limits: Limits) -> bool:
        """Whether this is a file whose bytes are wanted, to be `put`; counts it, and takes it in if it is a link.

        Raises LimitReached.
        """
        self.members += 1
        limits.check("max_archive_members", self.members, "The number of members of the archive")
        name = normalise(member.name)
        if name is None or member.name.endswith("/"):
            return False
        if member.kind == b"2":
            self._places[name] = posixpath.join(posixpath.dirname(name), member.link)
        elif member.kind == b"1":
            self._places[name] = member.link.lstrip("/")
        elif member.sparse:
            self._places.pop(name, None)
            self._why_not[name] = "is stored as a sparse file; pack the archive without --sparse"
        else:
            return member.kind in _FILES
        return False

    def put(self, member: Member, place: BlobRef) -> None:
        """Where the bytes of a file lie that is taken."""
        name = normalise(member.name)
        if name is not None:
            self._places[name] = place

    def find(self, name: str) -> BlobRef | None:
        target = normalise(name)
        for _ in range(MAX_LINKS):
            place = None if target is None else self._places.get(target)
            if not isinstance(place, str):
                return place
            target = None if place.startswith("/") else normalise(place)
            if target is None:
                self.refuse(name, "is a link that leads out of the archive")
                return None
        self.refuse(name, "is a link in a loop")
        return None

    def why_not(self, name: str) -> str:
        if name not in self._why_not and self.broken:
            return "is not in the part of the archive that can be read"
        return super().why_not(name)

    def files(self) -> Iterator[tuple[str, BlobRef]]:
        return ((name, place) for name, place in self._places.items() if isinstance(place, BlobRef))

    def top(self) -> set[str]:
        return {name.partition("/")[0] for name in self._places}
