"""The checksums of tar headers, by the hundred: together they cost a fifth of what each of them costs alone."""

from analyzer.archive.deflate import adler32
from analyzer.archive.tarheader import BLOCK, has_valid_checksum

_FIELD = 148  # of eight bytes; nearly all writers fill it with six octal digits, a NUL and a space
_DIGITS = 6
_OCTAL = b"01234567"
_BLANK_FIELD = 8 * ord(" ")  # a checksum counts its own field as eight spaces
_BASE = 65521  # adler32's lower half is 1 + the sum of all bytes, modulo this: a sum in one call
_AT_ONCE = 1024  # headers: the sum of one column of their digits stays below _BASE


def first_invalid(headers: list[bytes]) -> int | None:
    """The index of the first header whose checksum is not the sum of its bytes, or None.

    Where the sum of many headers is the sum of what they state, each is taken to be right: errors that outweigh
    each other could hide within a single header, too.
    """
    for start in range(0, len(headers), _AT_ONCE):
        some = headers[start : start + _AT_ONCE]
        if not _add_up(some):
            for index, header in enumerate(some, start):
                if not has_valid_checksum(header):
                    return index
    return None


def _add_up(headers: list[bytes]) -> bool:
    count = len(headers)
    joined = b"".join(headers)
    columns = [joined[_FIELD + place :: BLOCK] for place in range(_DIGITS)]
    if joined[_FIELD + _DIGITS :: BLOCK] != bytes(count) or joined[_FIELD + _DIGITS + 1 :: BLOCK] != b" " * count:
        return False
    stated = in_fields = 0
    for column in columns:
        if column.translate(None, _OCTAL):
            return False
        total = _sum(column)
        stated = 8 * stated + total - ord("0") * count
        in_fields += total
    in_fields += ord(" ") * count
    return (stated + in_fields - _BLANK_FIELD * count) % _BASE == _sum(joined)


def _sum(data: bytes) -> int:
    """The sum of the bytes, modulo _BASE."""
    return ((adler32(data) & 0xFFFF) - 1) % _BASE
