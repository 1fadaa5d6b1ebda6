"""Names of entries as a page shows them: data, so nothing in them may act on the page or hide."""

import re

from analyzer.oci.findings import escape

# What would break a line, move the text around it or not be seen (Unicode general categories Cc, Cf, Zl, Zp).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def shown(name: bytes) -> str:
    """`name` as text: bytes that are not UTF-8 percent-escaped, characters that are not seen as `ls -b` writes them."""
    return _UNSEEN.sub(_escape, escape(name))


def shown_text(text: str) -> str:
    """A line of a file: as it stands, but for characters that are not seen or move others around; tabs stay."""
    return _UNSEEN.sub(lambda found: "\t" if found[0] == "\t" else _escape(found), text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _ESCAPES.get(found[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
