"""Sparse files: where the stored data lies in a longer file whose rest is zeros (GNU tar manual, "Sparse Formats")."""

from array import array
from collections.abc import Iterator

from analyzer.archive.paxheader import Extended
from analyzer.archive.tarheader import BLOCK, MAX_NUMBER, HeaderError, number
from analyzer.archive.tarstream import TarStream

MAX_SEGMENTS = 1 << 20
_OLD_GNU_MAP = 386  # where the four segments of the header itself stand; then "more follow", and the whole length
_OLD_GNU_MORE, _OLD_GNU_LENGTH = 482, 483
_EXTENSION_MORE = 504  # after the 21 segments of an extension block
_SEGMENT = 24
_LONGEST_NUMBER = 19


class SparseMap:
    """Where the stored bytes of a file of `length` bytes belong."""

    def __init__(self, length: int, numbers: "array[int]", stored: int) -> None:
        """`numbers` are offset and length of each segment in turn. Raises HeaderError if they contradict each other."""
        end = total = 0
        for offset, size in zip(numbers[::2], numbers[1::2], strict=False):
            if offset < end:
                raise HeaderError("its sparse segments overlap")
            end = offset + size
            total += size
        if len(numbers) % 2 or end > length or total != stored:
            raise HeaderError("its sparse map does not fit its size")
        self.length = length
        self._numbers = numbers
        self.holes = length - stored  # bytes

    def pieces(self) -> Iterator[tuple[int, int]]:
        """(zeros, stored bytes) in turn, from the start of the file to its end."""
        end = 0
        for offset, size in zip(self._numbers[::2], self._numbers[1::2], strict=True):
            yield offset - end, size
            end = offset + size
        yield self.length - end, 0


def read_sparse_map(header: bytes, extended: Extended, stored: int, stream: TarStream) -> tuple[SparseMap | None, int]:
    """The map of a regular file, or None if it is not sparse; and how many bytes of data follow the map.

    Blocks of a map that stand behind the header are taken from `stream`. Raises HeaderError, Damaged.
    """
    if header[156:157] == b"S":
        length, numbers = _old_gnu(header, stream)
        return SparseMap(length, numbers, stored), stored
    stated = extended.values.get(b"GNU.sparse.realsize") or extended.values.get(b"GNU.sparse.size")
    if stated is None:
        return None, stored
    if extended.values.get(b"GNU.sparse.major") == b"1":
        numbers, size = _leading(stream)
        stored -= size
    else:
        listed = extended.values.get(b"GNU.sparse.map")  # 0.1; 0.0 repeats two keywords instead
        numbers = array("q", map(_decimal, listed.split(b",") if listed else extended.sparse_pairs))
    return SparseMap(_decimal(stated), numbers, stored), stored


def _old_gnu(header: bytes, stream: TarStream) -> "tuple[int, array[int]]":
    """Whole length and numbers of a type `S` member: four segments in the header, then blocks of 21."""
    numbers = array("q")
    length = _size(number(header[_OLD_GNU_LENGTH : _OLD_GNU_LENGTH + 12]))
    segments, more = header[_OLD_GNU_MAP:_OLD_GNU_MORE], header[_OLD_GNU_MORE]
    while True:
        for start in range(0, len(segments), _SEGMENT):
            if not segments[start]:  # an unused place
                break
            numbers.append(_size(number(segments[start : start + 12])))
            numbers.append(_size(number(segments[start + 12 : start + _SEGMENT])))
        if len(numbers) > 2 * MAX_SEGMENTS:
            raise _too_many()
        if not more:
            return length, numbers
        block = stream.read(BLOCK, "a sparse map")
        segments, more = block[:_EXTENSION_MORE], block[_EXTENSION_MORE]


def _leading(stream: TarStream) -> "tuple[array[int], int]":
    """Numbers and bytes of a map before the data: decimal lines in whole blocks; the first is the count of segments."""
    numbers = array("q")
    wanted, size, rest = 1, 0, b""
    while len(numbers) < wanted:
        *lines, rest = (rest + stream.read(BLOCK, "a sparse map")).split(b"\n")
        size += BLOCK
        numbers.extend(map(_decimal, lines[: wanted - len(numbers)] if wanted > 1 else lines[:1]))
        if wanted == 1 and numbers:
            wanted += 2 * numbers[0]
            if numbers[0] > MAX_SEGMENTS:
                raise _too_many()
            numbers.extend(map(_decimal, lines[1:wanted]))
        if len(numbers) < wanted and len(rest) > _LONGEST_NUMBER:
            raise HeaderError("its sparse map is malformed")
    return numbers[1:], size


def _too_many() -> HeaderError:
    return HeaderError(f"it has more than {MAX_SEGMENTS:,} sparse segments")


def _decimal(value: bytes) -> int:
    if not value.isdigit() or len(value) > _LONGEST_NUMBER:
        raise HeaderError(f"its sparse map has {value[:40]!r} for a number")
    return _size(int(value))


def _size(value: int) -> int:
    if not 0 <= value <= MAX_NUMBER:
        raise HeaderError(f"its sparse map has the number {value}")
    return value
