"""One header block of a tar: its numbers, names and checksum (POSIX pax "ustar Interchange Format", GNU tar manual)."""

from struct import Struct

BLOCK = 512
MAX_NUMBER = (1 << 63) - 1

FIELDS = Struct("<100s24s12s12s8sB188xB166x").unpack
"""name, owner (mode, uid and gid together), size, mtime, checksum, type, and the first byte of the prefix."""

_GNU_MAGIC = b"ustar  \0"
_ADLER_BASE = 65521
_CACHED = 1 << 15  # entries of a cache: hostile headers must not fill the memory


class HeaderError(ValueError):
    """A header that cannot be trusted; the message says what is wrong with it, as the end of a sentence."""


class Numbers(dict[bytes, int]):
    """Numbers by the bytes of their field. Most fields of a tar repeat, and looking up is faster than parsing."""

    def __missing__(self, field: bytes) -> int:
        value = self.parse(field)
        if len(self) < _CACHED:
            self[field] = value
        return value

    def parse(self, field: bytes) -> int:
        return number(field)


class Checksums(Numbers):
    """By the checksum field: what `adler32(header) & 0xffff` is, if the header has this checksum.

    adler32's lower half is 1 + the sum of all bytes modulo 65,521: one call in C instead of a sum in Python. The
    sum that the field states counts the field itself as eight spaces.
    """

    def parse(self, field: bytes) -> int:
        try:
            stated = number(field)
        except HeaderError:
            return -1
        return (1 + stated - 8 * ord(" ") + sum(field)) % _ADLER_BASE


class Owners(dict[bytes, tuple[int, int, int]]):
    """Mode (permission bits, 0o7777), uid and gid by the bytes of their three fields."""

    def __missing__(self, field: bytes) -> tuple[int, int, int]:
        owner = number(field[:8]) & 0o7777, number(field[8:16]), number(field[16:])
        if len(self) < _CACHED:
            self[field] = owner
        return owner


class Seconds(Numbers):
    """Nanoseconds by the bytes of a field that holds seconds."""

    def parse(self, field: bytes) -> int:
        return nanoseconds(number(field))


def number(field: bytes) -> int:
    """A numeric field: octal digits, or base-256 where its first bit is set (GNU). Empty is 0.

    Raises HeaderError for anything else.
    """
    if field[0] & 0x80:
        value = int.from_bytes(field, "big")
        bits = 8 * len(field)
        if field[0] & 0x40:  # negative, in two's complement
            return value - (1 << bits)
        return value - (1 << (bits - 1))
    digits = field.strip(b" \0").partition(b"\0")[0]
    if not digits:
        return 0
    if not digits.isdigit():  # int() would take signs and underscores
        raise HeaderError(f"{field!r} is no number")
    try:
        return int(digits, 8)
    except ValueError:
        raise HeaderError(f"{field!r} is no number") from None


def nanoseconds(seconds: int) -> int:
    """Seconds as nanoseconds, held within 64 bits (the years 1677 to 2262)."""
    return max(-MAX_NUMBER, min(MAX_NUMBER, seconds * 1_000_000_000))


def has_valid_checksum(header: bytes) -> bool:
    """Whether the sum of the header's bytes is the stated one; old tars summed signed bytes."""
    try:
        stated = number(header[148:156])
    except HeaderError:
        return False
    counted = header[:148] + b"        " + header[156:]
    unsigned = sum(counted)
    return stated == unsigned or stated == unsigned - 256 * sum(byte > 127 for byte in counted)


def has_magic(header: bytes) -> bool:
    """Whether a block says of itself that it is a tar header (POSIX or GNU; V7 headers say nothing)."""
    return header[257:262] == b"ustar"


def text(field: bytes) -> bytes:
    """A text field, up to its first NUL."""
    return field.partition(b"\0")[0]


def full_name(header: bytes) -> bytes:
    """The name, with the prefix where the header's format has one."""
    name = text(header[:100])
    prefix = _prefix(header)
    return prefix + b"/" + name if prefix else name


def _prefix(header: bytes) -> bytes:
    if header[257:265] == _GNU_MAGIC:
        # GNU has times there. Go before 1.8 wrote a prefix under this magic: taken where the times are no numbers.
        try:
            number(header[345:357])
            number(header[357:369])
        except HeaderError:
            prefix = text(header[345:500])
            return prefix if prefix.isascii() else b""
        return b""
    if header[257:263] != b"ustar\0":
        return b""
    if header[508:512] == b"tar\0":  # star: a shorter prefix, then times
        return text(header[345:476])
    return text(header[345:500])
