"""From header to header of the outer tar of an archive, its members' data left alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from analyzer.archive.paxheader import Extended, Records
from analyzer.archive.tarheader import BLOCK, MAX_NUMBER, HeaderError, full_name, has_valid_checksum, number, text

MAX_EXTENSION = 1 << 20  # bytes of an extended header, as in Go's reader
MAX_SPARSE_BLOCKS = 10_000  # of the map of a GNU sparse file
_ZEROS = bytes(BLOCK)
_EXTENSIONS = (b"L", b"K", b"x", b"X")
_WITHOUT_DATA = (b"1", b"2", b"3", b"4", b"5", b"6")  # their size field means nothing


class Seekable(Protocol):
    """What a tar is read from: less than was asked for comes at the end alone."""

    def seek(self, offset: int, /) -> int: ...

    def read(self, size: int, /) -> bytes | None: ...


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


def ends_within(length: int, end: int) -> BrokenTarError:
    """For a tar of `length` bytes with a member whose data goes to byte `end`."""
    return BrokenTarError(f"ends at byte {length:,}, in the middle of a file that goes to byte {end:,}")


def walk(file: Seekable, length: int) -> Iterator[Member]:
    """Every member up to the end blocks or the end of the file, which has `length` bytes. Raises BrokenTarError.

    `file` is only ever read forwards, and stands at a member's data when the member is yielded.
    """
    offset = 0
    pax, names = Extended({}, None), dict[bytes, str]()
    while (header := _read(file, offset, BLOCK)) and header != _ZEROS:
        if len(header) < BLOCK:
            raise BrokenTarError(f"ends in the middle of a header, at byte {offset + len(header):,}")
        if not has_valid_checksum(header):
            raise BrokenTarError(f"has no tar header at byte {offset:,}, where one should be")
        kind = header[156:157]
        data = offset + BLOCK if kind != b"S" else _after_sparse_map(file, header, offset + BLOCK)
        size = _size(header, pax, offset)
        if kind in _EXTENSIONS:
            if size > MAX_EXTENSION:
                raise BrokenTarError(f"has an extended header of {size:,} bytes at byte {offset:,}")
            content = _read(file, data, size)
            if len(content) < size:
                raise ends_within(data + len(content), data + size)
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
            raise ends_within(length, data + size)


def _read(file: Seekable, offset: int, size: int) -> bytes:
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


def _after_sparse_map(file: Seekable, header: bytes, offset: int) -> int:
    """Where the data of a GNU sparse file begins: blocks of its map may go on behind the header."""
    more = header[482:483] != b"\0"
    for _ in range(MAX_SPARSE_BLOCKS):
        if not more:
            return offset
        more = _read(file, offset, BLOCK)[504:505] not in (b"\0", b"")
        offset += BLOCK
    raise BrokenTarError(f"has a sparse file with an endless map at byte {offset:,}")
