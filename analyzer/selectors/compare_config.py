"""What differs between two configs, setting by setting. Layers and history are compared by themselves."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analyzer.oci.jsondoc import DocumentError, parse_stored

ELSEWHERE = frozenset({"rootfs", "history"})
TIMES = frozenset({"created"})
BUILDERS = frozenset({"container", "container_config", "docker_version", "moby.buildkit.buildinfo.v1", "id", "parent"})
"""What a builder leaves there about itself: it means nothing for who runs the image."""
BUILDERS_INSIDE = frozenset({"Image", "Hostname", "Domainname"})
MOST_VALUE = 4_000  # characters of a value that a page carries
MOST_CHANGES = 500


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """A setting, as `config.Env.PATH`, and its value on either side as JSON; None where it is not there."""

    key: str
    first: str | None
    second: str | None

    @property
    def change(self) -> str:
        return "added" if self.first is None else "removed" if self.second is None else "modified"


def config_changes(first: bytes, second: bytes, *, semantic: bool) -> list[ConfigChange]:
    """What differs, by key, at most MOST_CHANGES. `semantic` leaves out times, builders and the order of variables."""
    old, new = (dict(_settings(_document(raw), semantic=semantic)) for raw in (first, second))
    keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    return [ConfigChange(key, old.get(key), new.get(key)) for key in keys[:MOST_CHANGES]]


def _document(raw: bytes) -> Mapping[str, Any]:
    try:
        document = parse_stored(raw)
    except DocumentError:
        return {}
    return document if isinstance(document, dict) else {}


def _settings(document: Mapping[str, Any], *, semantic: bool) -> Iterator[tuple[str, str]]:
    for key, value in document.items():
        if key in ELSEWHERE or (semantic and key in TIMES | BUILDERS):
            continue
        if key == "config" and isinstance(value, Mapping):
            yield from _run(value, semantic=semantic)
        elif value is not None:
            yield key, _text(value)


def _run(settings: Mapping[str, Any], *, semantic: bool) -> Iterator[tuple[str, str]]:
    """What a container is started with; what says nothing (`null`, `""`, `[]`, `false`) is as good as not there."""
    for key, value in settings.items():
        if not value or (semantic and key in BUILDERS_INSIDE):
            continue
        if key == "Env" and isinstance(value, list):
            variables = [str(item).partition("=") for item in value]
            yield from ((f"config.Env.{name}", _text(text)) for name, _, text in variables)
            if not semantic:
                yield "config.Env, in order", _text([name for name, _, _ in variables])
        elif key in {"Labels", "ExposedPorts", "Volumes", "Healthcheck"} and isinstance(value, Mapping):
            yield from ((f"config.{key}.{name}", _text(text)) for name, text in value.items())
        else:
            yield f"config.{key}", _text(value)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= MOST_VALUE else f"{text[:MOST_VALUE]}…"
