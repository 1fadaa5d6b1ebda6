"""Names of entries as a page shows them: data, so nothing in them may act on the page or hide."""

import re

from analyzer.oci.findings import escape

# What would break a line, move the text around it or not be seen (Unicode general categories Cc, Cf, Zl, Zp).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def shown(name: bytes) -> str:
    """`name` as text: bytes that are not UTF-8 percent-escaped, control characters as their pictures (␊ for a newline),
    other characters that are not seen by their number."""
    return _UNSEEN.sub(_picture, escape(name))


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{code:04x}"
