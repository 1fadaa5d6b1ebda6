"""A part of a file as a page shows it: lines of text, or bytes in hexadecimal where it is none."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.selectors.shown import shown_text

PART_BYTES = 24 << 10  # of a file, to a page: 800 lines of 30 characters
MOST_LINES = 800
HEX_BYTES = 1 << 10
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x08\x1b"))  # what a text in a single-byte encoding does not have


@dataclass(frozen=True, slots=True)
class HexRow:
    offset: str
    octets: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file: `lines`, or `rows` where it is no text."""

    start: int  # bytes before it
    end: int
    size: int  # of the file
    encoding: str  # "" where it is no text
    first_line: int = 1
    lines: Sequence[str] = ()
    rows: Sequence[HexRow] = ()

    @property
    def next_line(self) -> int:
        return self.first_line + len(self.lines)

    @property
    def more(self) -> bool:
        return self.end < self.size


def guess_encoding(data: bytes, *, whole: bool = True) -> str:
    """The encoding of a text by its first bytes, or "" for what is none.

    A byte order mark, else UTF-8 if it can be, else Windows-1252, which has a character for nearly every byte.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    if b"\0" in data:
        return ""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=whole)
    except UnicodeDecodeError:
        return "" if data.translate(None, _CONTROLS) != data else "cp1252"
    return "" if len(data.translate(None, _CONTROLS)) < len(data) * 0.99 else "utf-8"


def part_of(data: bytes, size: int, start: int = 0, first_line: int = 1, encoding: str = "") -> Part:
    """What a page shows of the `data` that stands at `start` of a file of `size` bytes: PART_BYTES of it, or fewer.

    `encoding`: as it was guessed at the file's start, where this is a later part.
    """
    whole = start + len(data) >= size
    known = encoding if encoding in ENCODINGS and start else guess_encoding(data, whole=whole)
    if not known:
        return Part(start, start + min(len(data), HEX_BYTES), size, "", rows=hex_rows(data[:HEX_BYTES], start))
    width = {"utf-16": 2, "utf-32": 4}.get(known[:6], 1)
    feed = "\n".encode(known)
    end = _cut(data, feed, width, whole=whole)
    for mark, name in _BOMS:
        if start == 0 and name == known and data.startswith(mark):
            text = data[len(mark) : end].decode(known, "replace")
            break
    else:
        text = data[:end].decode(known, "replace")
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    shown = [shown_text(line.removesuffix("\r")) for line in lines]
    return Part(start, start + end, size, known, first_line, shown)


def _cut(data: bytes, feed: bytes, width: int, *, whole: bool) -> int:
    """Where a part ends: after its last line feed, or where a line is longer than a part within it."""
    position = end = 0
    for _ in range(MOST_LINES):
        position = data.find(feed, position)
        while position % width and position >= 0:
            position = data.find(feed, position + 1)
        if position < 0:
            break
        position += len(feed)
        end = position
    else:
        return end
    if whole:
        return len(data)
    if end:
        return end
    if width > 1 or not data:
        return len(data) - len(data) % width
    return len(data) - _begun(data)


def _begun(data: bytes) -> int:
    """Bytes of a UTF-8 character at the end that is not all there."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 != 0x80:
            wanted = 2 if byte >> 5 == 0b110 else 3 if byte >> 4 == 0b1110 else 4 if byte >> 3 == 0b11110 else 1
            return back if wanted > back else 0
    return 0


def hex_rows(data: bytes, start: int) -> list[HexRow]:
    """Sixteen bytes a row, as `hexdump -C` writes them."""
    return [
        HexRow(
            f"{start + at:08x}",
            data[at : at + 16].hex(" "),
            "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in data[at : at + 16]),
        )
        for at in range(0, len(data), 16)
    ]
