"""The bytes of one regular file of a layer, checked against what the layer's listing says of them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.archive.budget import Limits
from analyzer.archive.plainbytes import PlainBytes
from analyzer.archive.tarheader import BLOCK, HeaderError, number
from analyzer.archive.tarscan import TarScan
from analyzer.archive.unreadable import Damaged

SPARSE = -1
"""The offset of a sparse file, whose pieces only its header tells."""

_ZEROS = bytes(1 << 20)


@dataclass(frozen=True, slots=True)
class Stored:
    """A regular file as a listing has it."""

    path: bytes  # in that layer; of use for sparse files alone
    offset: int  # of its bytes in the plain tar, or SPARSE
    size: int
    sha256: bytes | None


def file_bytes(plain: PlainBytes, file: Stored, limits: Limits) -> Iterator[bytes]:
    """The file's bytes in blocks of 1 MiB at most; the holes of a sparse one are zeros.

    A sparse file costs a reading of the whole layer first: no listing has its map. Raises Damaged where the bytes
    can't be read, or where the last of them was given out and their sha256 is another one.
    """
    digest = hashlib.sha256()
    pieces = _sparse(plain, file, limits) if file.offset == SPARSE and file.size else plain.read(file.offset, file.size)
    for block in pieces if file.size else ():
        digest.update(block)
        yield block
    if file.sha256 is not None and digest.digest() != file.sha256:
        raise _other_bytes()


def whole_file(plain: PlainBytes, file: Stored, limits: Limits) -> bytes:
    """All bytes of a small file, in two microseconds where those before it were read last. Raises as `file_bytes`."""
    if file.offset == SPARSE:
        return b"".join(file_bytes(plain, file, limits))
    data = plain.piece(file.offset, file.size)
    if file.sha256 is not None and hashlib.sha256(data).digest() != file.sha256:
        raise _other_bytes()
    return data


def file_head(plain: PlainBytes, file: Stored, start: int, size: int, limits: Limits) -> bytes:
    """At most `size` bytes of the file from `start` on; all of it is checked where all of it is asked for.

    Raises Damaged.
    """
    if start == 0 and size >= file.size:
        return b"".join(file_bytes(plain, file, limits))
    size = max(min(size, file.size - start), 0)
    if not size:
        return b""
    if file.offset != SPARSE:
        return b"".join(plain.read(file.offset + start, size))
    head = bytearray()
    for block in _sparse(plain, file, limits, start):
        head += block
        if len(head) >= size:
            break
    return bytes(head[:size])


def device_numbers(plain: PlainBytes, offset: int) -> tuple[int, int]:
    """Major and minor of a device, which stand in its header alone (POSIX ustar); `offset` is that of its data.

    Zero where the header has no number. Raises Damaged, OSError.
    """
    header = b"".join(plain.read(offset - BLOCK, BLOCK))
    try:
        return max(number(header[329:337]), 0), max(number(header[337:345]), 0)
    except HeaderError:
        return 0, 0


def _sparse(plain: PlainBytes, file: Stored, limits: Limits, start: int = 0) -> Iterator[bytes]:
    """From `start` on; what lies before it costs nothing, however large its holes are."""
    scan = TarScan(plain.all(), limits, watched=file.path)
    scan.run()
    if scan.sparse is None or scan.sparse[0].length != file.size:
        raise Damaged("The sparse file is not where the layer's listing says.")
    layout, offset = scan.sparse
    for zeros, size in layout.pieces():
        passed = min(start, zeros)
        start -= passed
        for at in range(passed, zeros, len(_ZEROS)):
            yield _ZEROS[: zeros - at]
        passed = min(start, size)
        start -= passed
        if passed < size:
            yield from plain.read(offset + passed, size - passed)
        offset += size


def _other_bytes() -> Damaged:
    return Damaged("The file's bytes are not those that were listed: their sha256 is another one.")
