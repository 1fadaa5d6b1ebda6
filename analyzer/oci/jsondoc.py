"""JSON documents that others wrote: parsed within a depth, read by type, with a sentence for what is wrong."""

import json
import re
from typing import Any, NoReturn

MAX_INTEGER = 2**63 - 1

# A surrogate half or a NUL as an escape: valid JSON that no UTF-8 text and no SQL text column can hold.
_UNSTORABLE_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_ANY_DEPTH = 500  # which Python walks without coming near its own limit


class DocumentError(ValueError):
    """A document breaks its specification. The message names the part, not the document."""


class NestedTooDeep(DocumentError):
    """A document is nested deeper than allowed."""


def parse(raw: bytes, max_depth: int) -> Any:
    """The value of a JSON document.

    As the engines do, invalid UTF-8 and lone surrogates become U+FFFD; so does NUL. Raises
    DocumentError (NaN and Infinity are none of JSON's), and NestedTooDeep past `max_depth`.
    """
    try:
        value = json.loads(raw.decode(errors="replace"), parse_constant=_refuse_constant)
    except RecursionError:
        raise NestedTooDeep("it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise DocumentError(f"it is not JSON ({error.msg} at character {error.pos})") from None
    except DocumentError:
        raise
    except ValueError:
        raise DocumentError("it is not JSON that can be read (an integer has thousands of digits)") from None
    if _deeper_than(value, max_depth):
        raise NestedTooDeep("it is nested too deep")
    return _storable(value) if _UNSTORABLE_ESCAPE.search(raw) else value


def values_of(raw: bytes) -> int:
    """At most so many values has the document, told before it is parsed: `[[],[],…` takes thirty times its bytes."""
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


def parse_stored(raw: bytes) -> Any:
    """The value of a document that was taken in: within a depth that any reader bears, whatever the limits say now.

    Raises DocumentError.
    """
    return parse(raw, _ANY_DEPTH)


def _refuse_constant(name: str) -> NoReturn:
    raise DocumentError(f"it is not JSON ({name} is no number)")


def _deeper_than(value: Any, max_depth: int) -> bool:
    """Level by level, because a recursion could be made to overflow."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(max_depth):
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return bool(level)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub(_REPLACEMENT, value)
    if isinstance(value, list):
        return [_storable(child) for child in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(child) for key, child in value.items()}
    return value


def as_object(value: Any, name: str) -> dict[str, Any]:
    """`value` as an object; null and absent are an empty one. Raises DocumentError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise DocumentError(f"{name} is not an object")
    return value


def as_list(value: Any, name: str) -> list[Any]:
    """`value` as a list; null and absent are an empty one. Raises DocumentError."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise DocumentError(f"{name} is not a list")
    return value


def as_text(value: Any, name: str) -> str:
    """`value` as a text; null and absent are an empty one. Raises DocumentError."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DocumentError(f"{name} is not a text")
    return value


def as_texts(value: Any, name: str) -> list[str]:
    """`value` as a list of texts. Raises DocumentError."""
    return [as_text(item, f"an item of {name}") for item in as_list(value, name)]


def as_text_map(value: Any, name: str) -> dict[str, str]:
    """`value` as an object of texts. Raises DocumentError."""
    return {key: as_text(item, f"{name}[{key[:80]!r}]") for key, item in as_object(value, name).items()}


def as_count(value: Any, name: str) -> int | None:
    """`value` as an integer of at least 0 that fits 64 bits; null and absent are None. Raises DocumentError."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_INTEGER:
        raise DocumentError(f"{name} is not a count")
    return value


def as_flag(value: Any, name: str) -> bool:
    """`value` as true or false; null and absent are False. Raises DocumentError."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise DocumentError(f"{name} is neither true nor false")
    return value
