"""The outer tar of an archive: walked from header to header by seeking, its data left alone."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.outer import MAX_LINKS, Outer, normalise
from analyzer.archive.paxheader import Extended, Records
from analyzer.archive.source import BlobRef
from analyzer.archive.tarheader import BLOCK, MAX_NUMBER, HeaderError, full_name, has_valid_checksum, number, text

MAX_EXTENSION = 1 << 20  # bytes of an extended header, as in Go's reader
MAX_SPARSE_BLOCKS = 10_000  # of the map of a GNU sparse file
_ZEROS = bytes(BLOCK)
_EXTENSIONS = (b"L", b"K", b"x", b"X")
_WITHOUT_DATA = (b"1", b"2", b"3", b"4", b"5", b"6")  # their size field means nothing
_FILES = (b"0", b"\0", b"7")


class BrokenTarError(Exception):
    """The tar cannot be walked any further. The message ends a sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    kind: bytes  # the typeflag
    link: str
    offset: int  # of its data
    size: int  # of its data
    sparse: bool


class OuterTar(Outer):
    """A path that stands twice counts once: the last member wins, as for the engines."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Walks the whole tar, once. Raises LimitReached, OSError."""
        super().__init__()
        self.size = path.stat().st_size
        self.members = 0
        self._path = path
        self._places: dict[str, BlobRef | str] = {}  # where the bytes lie, or the name that a link leads to
        with FileIO(path) as file:
            try:
                for member in _walk(file, self.size):
                    self.members += 1
                    limits.check("max_archive_members", self.members, "The number of members of the archive")
                    self._add(member)
            except BrokenTarError as error:
                self.broken = str(error)

    def _add(self, member: Member) -> None:
        name = normalise(member.name)
        if (
            name is None
            or member.name.endswith("/")
            or (member.kind not in (b"1", b"2", *_FILES) and not member.sparse)
        ):
            return
        if member.kind == b"2":
            self._places[name] = posixpath.join(posixpath.dirname(name), member.link)
        elif member.kind == b"1":
            self._places[name] = member.link.lstrip("/")
        elif member.sparse:
            self._places.pop(name, None)
            self._why_not[name] = "is stored as a sparse file; pack the archive without --sparse"
        else:
            there = max(0, min(member.size, self.size - member.offset))
            self._places[name] = BlobRef(self._path, member.offset, there)

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


def _walk(file: FileIO, length: int) -> Iterator[Member]:
    """Every member up to the end blocks or the end of the file. Raises BrokenTarError."""
    offset = 0
    pax, names = Extended({}, None), dict[bytes, str]()
    while (header := _read(file, offset, BLOCK)) and header != _ZEROS:
        if len(header) < BLOCK:
            raise BrokenTarError(f"ends in the middle of a header, at byte {length:,}")
        if not has_valid_checksum(header):
            raise BrokenTarError(f"has no tar header at byte {offset:,}, where one should be")
        kind = header[156:157]
        data = offset + BLOCK if kind != b"S" else _after_sparse_map(file, header, offset + BLOCK)
        size = _size(header, pax, offset)
        if kind in _EXTENSIONS:
            if size > MAX_EXTENSION:
                raise BrokenTarError(f"has an extended header of {size:,} bytes at byte {offset:,}")
            content = _read(file, data, size)
            if kind in b"xX":
                pax = Extended({}, Records(content))
            else:
                names[kind] = _decoded(text(content))
        elif kind != b"g":
            size = 0 if kind in _WITHOUT_DATA else size
            sparse = kind == b"S" or any(key.startswith(b"GNU.sparse.") for key in pax.values)
            name = _decoded(pax.path) if pax.path else names.get(b"L") or _decoded(full_name(header))
            link = _decoded(pax.link) if pax.link else names.get(b"K") or _decoded(text(header[157:257]))
            yield Member(name, kind, link, data, size, sparse)
            pax, names = Extended({}, None), {}
        offset = data + size + -size % BLOCK
        if data + size > length:
            raise BrokenTarError(f"ends at byte {length:,}, in the middle of a file that goes to byte {data + size:,}")


def _read(file: FileIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size) or b""


def _decoded(name: bytes) -> str:
    return name.decode(errors="surrogateescape")


def _size(header: bytes, pax: Extended, offset: int) -> int:
    try:
        size = number(header[124:136]) if pax.size is None else pax.size
    except HeaderError as error:
        raise BrokenTarError(f"has a damaged header at byte {offset:,} ({error})") from None
    if not 0 <= size <= MAX_NUMBER:
        raise BrokenTarError(f"has a damaged header at byte {offset:,} (its size is {size})")
    return size


def _after_sparse_map(file: FileIO, header: bytes, offset: int) -> int:
    """Where the data of a GNU sparse file begins: blocks of its map may go on behind the header."""
    more = header[482:483] != b"\0"
    for _ in range(MAX_SPARSE_BLOCKS):
        if not more:
            return offset
        more = _read(file, offset, BLOCK)[504:505] not in (b"\0", b"")
        offset += BLOCK
    raise BrokenTarError(f"has a sparse file with an endless map at byte {offset:,}")
