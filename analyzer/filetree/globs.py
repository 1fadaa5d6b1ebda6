"""Globs over paths of bytes, as regular expressions for RE2 (which reads bytes as Latin-1)."""

import re

_ONE = r"(?:[^/\x80-\xff]|[\xc0-\xff][\x80-\xbf]*|[\x80-\xbf])"  # a UTF-8 character, or a byte that is none


def is_glob(pattern: str) -> bool:
    """Whether a text that people typed is a glob; else it is looked for as it stands."""
    return any(character in pattern for character in "*?[")


def to_regex(pattern: str) -> bytes:
    """The expression of a glob. `*` and `?` stay within a name, `**` does not; `[…]` and `[!…]` are as in a shell.

    A glob with a slash is matched to the whole path, one without to the name, in whatever folder it lies.
    """
    text = pattern.encode(errors="surrogateescape").decode("latin-1").removeprefix("/")
    parts = ["^" if "/" in text else "(?:^|/)"]
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        found = token.group() if token else text[at]
        parts.append(_MEANING.get(found) or _class(found))
        at += len(found)
    return "".join([*parts, "$"]).encode("latin-1")


_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]/]*\]")
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": _ONE}


def _class(token: str) -> str:
    if len(token) == 1:
        return re.escape(token)
    inner = token[1:-1].replace("\\", r"\\").replace("[", r"\[")
    if inner.startswith("!"):
        return f"[^/{inner[1:].replace(']', chr(92) + ']').replace('^', chr(92) + '^')}]"
    return f"[{inner.replace(']', chr(92) + ']').replace('^', chr(92) + '^')}]"
