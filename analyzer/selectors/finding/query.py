"""What people type into Find, taken apart."""

import re
from dataclasses import dataclass

from analyzer.filetree.globs import GLOB, is_glob

LONGEST = 1_024
FIELDS = ("contains", "label", "env", "entrypoint", "package")
MOST_WILD = 50  # wildcards of a glob: each makes every path slower to look at

_HEX = re.compile(r"(sha256:)?([0-9a-fA-F]{7,64})")


class NotAQuery(ValueError):
    """The text can't be looked for; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Query:
    """`kind` is digest, a field of FIELDS, or the how of a pattern: path, name, glob.

    `text` is what to look for: of a digest its hexadecimal digits, of a field what stands behind the colon.
    """

    kind: str
    text: str
    typed: str
    is_sure: bool = True  # False: a digest that may be a name as well (`deadbeef`)


def parse(typed: str) -> Query:
    """The query that a text means. Raises NotAQuery for an empty one, an endless one, or one with a NUL."""
    text = typed.strip()
    if not text.strip("/"):
        raise NotAQuery("Type a path, a name, a glob or a digest.")
    if len(text) > LONGEST:
        raise NotAQuery(f"A query has at most {LONGEST:,} characters.")
    if "\0" in text:
        raise NotAQuery("No name has a NUL in it.")
    text = _encodable(text)
    field, colon, value = text.partition(":")
    if colon and field in FIELDS:
        if not value.strip():
            raise NotAQuery(f"Type what comes behind {field}:.")
        return Query(field, value.strip(), text)
    if found := _HEX.fullmatch(text):
        digits = found[2].lower()
        return Query("digest", digits, text, is_sure=bool(found[1]) or len(digits) == 64)
    if is_glob(text):
        if len(GLOB.findall(text)) > MOST_WILD:
            raise NotAQuery(f"A glob has at most {MOST_WILD} wildcards.")
        return Query("glob", text, text)
    return Query("path" if "/" in text else "name", text, text)


def _encodable(text: str) -> str:
    """The text with what no file name can hold replaced; bytes of a terminal that are no UTF-8 stay."""
    try:
        text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
