"""JSON as Go's encoder writes it: no space, `<`, `>` and `&` escaped, so that bytes and their sha256 are the same."""

import json
import re
from collections.abc import Mapping
from typing import Any

from analyzer.oci.jsondoc import DocumentError

ZERO = "0001-01-01T00:00:00Z"
"""Go's zero time."""

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[ \t\r\n]+')
_SPACE = re.compile(r"[ \t\r\n]*")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no UTF-8 and no SQL text can hold them
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_SPECIAL = re.compile("[<>&\u2028\u2029]")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,30}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def text(value: Any) -> str:
    """A value that is written anew; objects keep the order of their members."""
    return _escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def members(source: str) -> dict[str, str]:
    """The members of a JSON object that can be parsed, each as its own text, compacted; of a name twice the last.

    Raises DocumentError if it is no object.
    """
    decoder = json.JSONDecoder()
    found: dict[str, str] = {}
    at = _after_space(source, 0)
    if source[at : at + 1] != "{":
        raise DocumentError("it is not an object")
    while source[at] != "}":
        at = _after_space(source, at + 1)
        if source[at] == '"':
            name, at = decoder.raw_decode(source, at)
            begin = _after_space(source, _after_space(source, at) + 1)
            _, at = decoder.raw_decode(source, begin)
            found[_UNSTORABLE.sub("\ufffd", name)] = _compact(source[begin:at])
            at = _after_space(source, at)
    return found


def object_of(parts: Mapping[str, str]) -> str:
    """An object of such texts: names sorted as Go sorts the keys of a map, by their bytes."""
    ordered = sorted(parts, key=lambda name: name.encode(errors="surrogatepass"))
    return "{" + ",".join(f"{text(name)}:{parts[name]}" for name in ordered) + "}"


def moment(value: Any) -> str:
    """A time as Go writes it again: the fraction to nine digits at most, without zeros at its end.

    Absent is Go's zero time; so is here what is no time, which an engine would refuse.
    """
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return ZERO
    seconds, fraction, zone = found.groups()
    digits = (fraction or "")[:9].rstrip("0")
    return f"{seconds}{'.' if digits else ''}{digits}{'Z' if zone in ('+00:00', '-00:00') else zone}"


def _after_space(source: str, at: int) -> int:
    found = _SPACE.match(source, at)
    return found.end() if found else at


def _compact(source: str) -> str:
    return _escaped(_TOKEN.sub(lambda found: found[0] if found[0][0] == '"' else "", source))


def _escaped(source: str) -> str:
    """Those characters stand in strings alone."""
    return _SPECIAL.sub(lambda found: _ESCAPED[found[0]], source)
