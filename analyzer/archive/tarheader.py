"""One header block of a tar: its numbers, names and checksum (POSIX pax "ustar Interchange Format", GNU tar manual)."""

from struct import Struct

BLOCK = 512
MAX_NUMBER = (1 << 63) - 1

FIELDS = Struct("<100s24s12s12s8xB188xB166x").unpack
"""name, owner (mode, uid and gid together), size, mtime, type, and the first byte of the prefix."""

_GNU_MAGIC = b"ustar  \0"
_BLANKS = b" \0"


class HeaderError(ValueError):
    """A header that cannot be trusted; the message says what is wrong with it, as the end of a sentence."""


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
    digits = field[:-1] if field[-1] in _BLANKS else field
    if not digits.isdigit():  # int() would take signs and underscores
        digits = field.strip(_BLANKS).partition(b"\0")[0]
        if not digits:
            return 0
        if not digits.isdigit():
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
    return stated == unsigned or stated == unsigned - 256 * sum(byte >> 7 for byte in counted)


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
