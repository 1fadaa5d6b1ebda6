"""Small YAML documents that others wrote: plain maps, lists and scalars, each with its line; nothing that grows.

Aliases, tags of any language and further documents are refused before a value is made of them, so that a short text
can't become a large one; so are texts and nestings past what rules need. Scalars stay the text that was written:
what they mean is for whoever knows the rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MOST_BYTES = 64 * 1024
MOST_DEPTH = 4
MOST_VALUES = 2_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as quick where it was built
_STRING = "tag:yaml.org,2002:str"


class BadRules(ValueError):
    """The message is one sentence for a person, with the line where there is one."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence if line is None else f"Line {line}: {sentence}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar (text), a list (of Value) or a map (pairs of Value), and the line on which it begins."""

    line: int
    text: str | None = None
    items: tuple["Value", ...] | None = None
    pairs: tuple[tuple["Value", "Value"], ...] | None = None

    def as_text(self, what: str) -> str:
        """Raises BadRules where it is no scalar, or an empty one."""
        if self.text is None or not self.text.strip():
            raise BadRules(f"{what} is one value on a line.", self.line)
        return self.text.strip()

    def as_map(self, what: str) -> tuple[tuple["Value", "Value"], ...]:
        """The pairs of a map. Raises BadRules where it is none, or a key stands twice."""
        if self.pairs is None:
            raise BadRules(f"{what} is a list of names, each with a colon and a value.", self.line)
        seen: set[str] = set()
        for key, _ in self.pairs:
            name = key.as_text("A name")
            if name in seen:
                raise BadRules(f"{name[:60]} stands twice.", key.line)
            seen.add(name)
        return self.pairs

    def as_texts(self, what: str) -> tuple[str, ...]:
        """The texts of a list; one alone is a list of one. Raises BadRules."""
        if self.items is None:
            return (self.as_text(what),)
        return tuple(item.as_text(f"Each of {what}") for item in self.items)


def read(raw: str | bytes) -> Value | None:
    """The one document of a text; None where there is nothing in it. Raises BadRules."""
    data = raw.encode(errors="surrogatepass") if isinstance(raw, str) else raw
    if len(data) > MOST_BYTES:
        raise BadRules(f"The rules are larger than {MOST_BYTES // 1024} KiB.")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadRules("The rules are not UTF-8.") from error
    try:
        return _document(_checked(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join((error.problem or "it can't be read").split())
        raise BadRules(f"This is no YAML: {problem[:120]}.", mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:  # characters that YAML has no room for
        raise BadRules("This is no YAML: it holds characters that are not allowed in one.") from error


def _checked(events: Iterator[Any]) -> Iterator[Any]:
    """The events, as long as they are those of a small and plain document."""
    depth = values = documents = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadRules("Anchors and aliases are not allowed in rules.", line)
        if getattr(event, "tag", None) not in {None, "!", _STRING}:
            raise BadRules("Tags are not allowed in rules.", line)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise BadRules("The rules are one document.", line)
        values += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise BadRules(f"Rules are not nested more than {MOST_DEPTH} deep.", line)
        if values > MOST_VALUES:
            raise BadRules(f"The rules have more than {MOST_VALUES:,} values.", line)
        yield event


def _document(events: Iterator[Any]) -> Value | None:
    found = None
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            found = _value(event, events)
    return None if found is None or (found.text is not None and found.text in {"", "~", "null"}) else found


def _value(event: Any, events: Iterator[Any]) -> Value:
    """The value that begins with this event. As deep as MOST_DEPTH allows."""
    line = event.start_mark.line + 1
    if isinstance(event, yaml.ScalarEvent):
        return Value(line, text=event.value)
    inside = []
    for inner in events:
        if isinstance(inner, yaml.CollectionEndEvent):
            break
        inside.append(_value(inner, events))
    if isinstance(event, yaml.SequenceStartEvent):
        return Value(line, items=tuple(inside))
    return Value(line, pairs=tuple(zip(inside[::2], inside[1::2], strict=True)))
