"""`A=1 B=two words` as builders print ENV and LABEL: without the quotes that told where a value ends."""

import re
from collections.abc import Iterable

_KEY = re.compile(r"[^\s=\"']+=")
_PLAIN = re.compile(r"[^\s\"'\\]*")


def pairs(text: str, known: Iterable[str] = ()) -> tuple[list[str], bool]:
    """Each `key=value`, its value quoted where that is needed, and whether the split is certain.

    A word that looks like `key=` starts a pair when `known` has its key, and the first one always. With a text that
    is quoted already (BuildKit's) nothing is guessed.
    """
    keys = frozenset(known)
    if '"' in text or "'" in text:
        return [text], True
    found: list[list[str]] = []
    sure = True
    for word in text.split(" "):
        key = _KEY.match(word)
        if key and (not found or key[0][:-1] in keys):
            found.append([word])
        elif found:
            sure = sure and not key
            found[-1].append(word)
        else:
            return [], True  # the old form, `ENV key value`
    return [_quoted(" ".join(words)) for words in found], sure


def _quoted(pair: str) -> str:
    key, _, value = pair.partition("=")
    value = value.rstrip() if value.strip() else ""
    if _PLAIN.fullmatch(value):
        return f"{key}={value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{key}="{escaped}"'
