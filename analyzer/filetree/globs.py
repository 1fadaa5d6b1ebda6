"""Globs on paths, as a layer's page and Find read them."""

import re

GLOB = re.compile(r"\*\*/|\*\*|\*|\?|\[[^]]+\]")
_CHARACTER = r"(?:[^/\x80-\xff]|[\xc0-\xff][\x80-\xbf]*)"  # one of UTF-8, matched byte by byte


def is_glob(text: str) -> bool:
    return GLOB.search(text) is not None


def glob_pattern(text: str) -> str:
    """A glob as a regular expression on a whole path: `*` stays within a folder, `**` does not.

    One without a slash is about the last component, wherever it is, as with `find -name`.
    """
    pattern, start = "", 0
    stripped = text.lstrip("/")
    for found in GLOB.finditer(stripped):
        pattern += re.escape(stripped[start : found.start()]) + _wild(found[0])
        start = found.end()
    pattern += re.escape(stripped[start:])
    return f"(?s)^{pattern}$" if "/" in text else f"(?s)(?:^|/){pattern}$"


def glob_pieces(text: str) -> list[str]:
    """What every path that the glob matches contains; `/` at an end where a component ends there."""
    if "/" not in text:
        text = f"**/{text}"
    pieces, start = [], 0
    stripped = f"/{text.lstrip('/')}/"
    for found in GLOB.finditer(stripped):
        pieces.append(stripped[start : found.start()])
        start = found.end()
        if found[0] == "**/" and stripped[found.start() - 1] == "/":
            start -= 1  # a component begins behind it
    pieces.append(stripped[start:])
    return [piece for piece in pieces if piece.strip("/")]


def glob_ends(text: str) -> tuple[str, str]:
    """What every path that the glob matches begins with, and what it ends with; empty where that may be anything."""
    stripped = text.lstrip("/")
    found = list(GLOB.finditer(stripped))
    if not found:
        return "", stripped
    return stripped[: found[0].start()] if "/" in text else "", stripped[found[-1].end() :]


def _wild(token: str) -> str:
    if token.startswith("["):
        inner = token[1:-1].replace("\\", r"\\").replace("^", r"\^")
        return f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"
    return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": _CHARACTER}[token]
