"""Values as Go prints them, which is how builders write parts of a history step."""

import json
import re

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:h|m|s|ms|us|µs|ns))+|0s?")
_ZERO_PARTS = re.compile(r"(?<=[hm])0[ms]")


def strings(text: str) -> list[str] | None:
    """The strings of `["a" "b"]` (Go's %q of a slice) or of a JSON array; None where the text is neither."""
    text = text.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return None
    found = []
    place = 1
    inner = len(text) - 1
    while place < inner:
        if text[place] in " ,":
            place += 1
            continue
        match = _STRING.match(text, place, inner)
        if match is None:
            return None
        value = string(match[0])
        if value is None:
            return None
        found.append(value)
        place = match.end()
    return found


def string(quoted: str) -> str | None:
    """What a double-quoted Go string says; None where it is none. Its escapes are JSON's and a few more."""
    plain = re.sub(r"\\x([0-9a-f]{2})", r"\\u00\1", quoted).replace(r"\a", r"\u0007").replace(r"\v", r"\u000b")
    try:
        value = json.loads(plain, strict=False)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def duration(text: str) -> str | None:
    """`5m0s` as people write it, `5m`; "" for none at all; None where the text is no duration."""
    if not _DURATION.fullmatch(text):
        return None
    return "" if text in {"0", "0s"} else _ZERO_PARTS.sub("", _ZERO_PARTS.sub("", text))


def array(words: list[str]) -> str:
    """The words as the JSON array that a Dockerfile takes."""
    return json.dumps(words, ensure_ascii=False)
