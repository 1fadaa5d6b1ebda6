"""An image's config for people: what it runs, and the document as it stands."""

import json
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Any

from analyzer.oci.jsondoc import DocumentError, parse_stored

MOST_TEXT = 32 << 10  # characters of the document that a page carries
MOST_VALUES = 100  # of one fact
MOST_VALUE = 1_000  # characters of one of them

# What the config says of a container, in the words of a Dockerfile.
FACTS = (
    ("Entrypoint", "ENTRYPOINT"),
    ("Cmd", "CMD"),
    ("User", "USER"),
    ("WorkingDir", "WORKDIR"),
    ("ExposedPorts", "EXPOSE"),
    ("Volumes", "VOLUME"),
    ("StopSignal", "STOPSIGNAL"),
    ("Shell", "SHELL"),
    ("Healthcheck", "HEALTHCHECK"),
    ("Env", "ENV"),
    ("Labels", "LABEL"),
    ("OnBuild", "ONBUILD"),
)


@dataclass(frozen=True, slots=True)
class ConfigView:
    heading: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    text: str  # the document, indented
    cut: bool


def config_view(raw: bytes) -> ConfigView:
    """What a page shows of a config; one that does not parse is shown as its text."""
    try:
        document = parse_stored(raw)
    except DocumentError:
        text = raw.decode(errors="replace")
        return ConfigView("The config is no JSON document", (), text[:MOST_TEXT], len(text) > MOST_TEXT)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    settings = document.get("config") if isinstance(document, Mapping) else None
    facts = _facts(settings) if isinstance(settings, Mapping) else ()
    return ConfigView(_heading(settings), facts, text[:MOST_TEXT], len(text) > MOST_TEXT)


def _facts(settings: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((word, tuple(map(_clipped, _lines(key, settings[key])))) for key, word in FACTS if settings.get(key))


def _clipped(value: str) -> str:
    return value if len(value) <= MOST_VALUE else f"{value[:MOST_VALUE]}…"


def _lines(key: str, value: Any) -> tuple[str, ...]:
    if key in {"Env", "OnBuild"} and isinstance(value, list):
        return *(str(item) for item in value[:MOST_VALUES]), *_more(value)
    if key == "Labels" and isinstance(value, Mapping):
        return *(f"{name}={text}" for name, text in list(value.items())[:MOST_VALUES]), *_more(value)
    if key in {"ExposedPorts", "Volumes"} and isinstance(value, Mapping):
        return *(str(name) for name in list(value)[:MOST_VALUES]), *_more(value)
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),)


def _more(values: Sized) -> list[str]:
    left = len(values) - MOST_VALUES
    return [f"… and {left:,} more in the document"] if left > 0 else []


def _heading(settings: Any) -> str:
    """What a container of the image runs, in a few words."""
    if not isinstance(settings, Mapping):
        return "The config says nothing of what to run"
    words = [*_words(settings.get("Entrypoint")), *_words(settings.get("Cmd"))]
    if not words:
        return "Nothing is run by default"
    text = " ".join(words)
    return f"It runs {text if len(text) <= 80 else text[:79] + '…'}"


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(word) for word in value] if isinstance(value, list) else []
