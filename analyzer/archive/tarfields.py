"""Numbers by the bytes of their field: most fields of a tar repeat, and looking up is faster than parsing."""

from analyzer.archive.tarheader import nanoseconds, number

_CACHED = 1 << 15  # fields of a kind: hostile headers must not fill the memory


class Numbers(dict[bytes, int]):
    """`numbers[field]` is the number. Raises HeaderError where there is none."""

    def __missing__(self, field: bytes) -> int:
        value = number(field)
        if len(self) < _CACHED:
            self[field] = value
        return value


class Seconds(dict[bytes, int]):
    """`seconds[field]` are the seconds of the field, in nanoseconds. Raises HeaderError."""

    def __missing__(self, field: bytes) -> int:
        value = nanoseconds(number(field))
        if len(self) < _CACHED:
            self[field] = value
        return value


class Owners(dict[bytes, tuple[int, int, int]]):
    """By three fields together: mode (permission bits, 0o7777), uid and gid. Raises HeaderError."""

    def __missing__(self, field: bytes) -> tuple[int, int, int]:
        owner = number(field[:8]) & 0o7777, number(field[8:16]), number(field[16:])
        if len(self) < _CACHED:
            self[field] = owner
        return owner
