"""Extended header records (POSIX pax "pax Extended Header"), and what they say of the member that follows."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from analyzer.archive.tarheader import MAX_NUMBER, HeaderError

_SECONDS = re.compile(rb"(-?)0*(\d{1,19})(?:\.(\d*))?")
_NUMBER = re.compile(rb"0*\d{1,19}")
_TEXTS = (b"path", b"linkpath", b"GNU.sparse.name")
_SCHILY_XATTR = b"SCHILY.xattr."
_LIBARCHIVE_XATTR = b"LIBARCHIVE.xattr."


class Records:
    """The records of one extended header, checked. `faults` says in words which of them were left out."""

    def __init__(self, data: bytes) -> None:
        self.values: dict[bytes, bytes] = {}
        self.faults: list[str] = []
        self.sparse_pairs: list[bytes] = []  # GNU sparse 0.0 repeats two keywords, in order
        for keyword, value in self._split(data):
            if not keyword or b"\0" in keyword or (keyword in _TEXTS and b"\0" in value):
                self._left_out(keyword)
            elif keyword in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
                self.sparse_pairs.append(value)
            else:
                self.values[keyword] = value

    def _split(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(keyword, value) of each record `LENGTH KEYWORD=VALUE\\n`. One wrong length hides all that follow."""
        start = 0
        while start < len(data) and data[start]:  # some writers pad with NUL
            space = data.find(b" ", start, start + 20)
            length = data[start:space] if space > start else b""
            end = start + int(length) if length.isdigit() else 0
            if not space < end - 1 < len(data) or data[end - 1] != ord("\n"):
                self.faults.append(
                    "An extended header has a record of the wrong length; it and the rest were left out."
                )
                return
            keyword, equals, value = data[space + 1 : end - 1].partition(b"=")
            if equals:
                yield keyword, value
            else:
                self._left_out(keyword)
            start = end

    def _left_out(self, keyword: bytes) -> None:
        self.faults.append(f"The extended header record {keyword[:100]!r} is malformed and was left out.")


class Extended:
    """What global and own records say of one member. Values that make no sense are left out and named in `faults`."""

    def __init__(self, globally: dict[bytes, bytes], own: Records | None) -> None:
        values = {**globally, **own.values} if own else globally
        self.values = {keyword: value for keyword, value in values.items() if value}  # an empty value takes back
        self.sparse_pairs = own.sparse_pairs if own else []
        self.faults: list[str] = []

    @property
    def path(self) -> bytes | None:
        return self.values.get(b"GNU.sparse.name") or self.values.get(b"path")

    @property
    def link(self) -> bytes | None:
        return self.values.get(b"linkpath")

    @property
    def size(self) -> int | None:
        """Bytes of data. Raises HeaderError: without it nobody knows where the next header is."""
        value = self.values.get(b"size")
        if value is None:
            return None
        size = _number(value)
        if size is None:
            raise HeaderError(f"its extended header states the size {value[:40]!r}")
        return size

    def number(self, keyword: bytes, otherwise: int) -> int:
        """A uid or gid, or `otherwise` where there is none."""
        value = self.values.get(keyword)
        if value is None:
            return otherwise
        stated = _number(value)
        if stated is None:
            self._left_out(keyword, value)
            return otherwise
        return stated

    def mtime(self, otherwise: int) -> int:
        """Nanoseconds, held within 64 bits, or `otherwise` where there is none."""
        value = self.values.get(b"mtime")
        if value is None:
            return otherwise
        match = _SECONDS.fullmatch(value)
        if not match:
            self._left_out(b"mtime", value)
            return otherwise
        sign, seconds, fraction = match.groups(b"")
        total = int(seconds) * 1_000_000_000 + int(fraction[:9].ljust(9, b"0"))
        return max(-MAX_NUMBER, min(MAX_NUMBER, -total if sign else total))

    def xattrs(self) -> dict[bytes, bytes] | None:
        """Extended attributes by name, or None where there are none."""
        found: dict[bytes, bytes] = {}
        for keyword, value in self.values.items():
            if keyword.startswith(_SCHILY_XATTR):
                found[keyword[len(_SCHILY_XATTR) :]] = value
            elif keyword.startswith(_LIBARCHIVE_XATTR):
                name = unquote_to_bytes(keyword[len(_LIBARCHIVE_XATTR) :])
                try:
                    plain = b64decode(value + b"=" * (-len(value) % 4), validate=True)
                except Base64Error:
                    self._left_out(keyword, value)
                else:
                    found.setdefault(name, plain)
        return found or None

    def _left_out(self, keyword: bytes, value: bytes) -> None:
        record = keyword[:100] + b"=" + value[:40]
        self.faults.append(f"The extended header record {record!r} is malformed and was left out.")


def _number(value: bytes) -> int | None:
    return int(value) if _NUMBER.fullmatch(value) and int(value) <= MAX_NUMBER else None
