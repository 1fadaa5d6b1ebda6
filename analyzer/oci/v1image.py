"""An image of Docker before 1.8.3 in JSON, written anew by the fields that Docker Engine 20.10 knows of it.

An engine does so before it makes a config of such a step (`MakeConfigFromV1Config`): what it knows no field of falls
away, and what is not told comes as an empty value. Engines of other years know a field more or less, and so give
some of these images another ID.
"""

from collections.abc import Mapping
from typing import Any

from analyzer.oci import gojson
from analyzer.oci.jsondoc import DocumentError, as_object, as_text, as_text_map

_SINCE = (1, 8, 3)

# Each field with the value of what is not told; the second list is left out then.
_RUN: tuple[tuple[str, Any, bool], ...] = (
    ("Hostname", "", True),
    ("Domainname", "", True),
    ("User", "", True),
    ("AttachStdin", False, True),
    ("AttachStdout", False, True),
    ("AttachStderr", False, True),
    ("ExposedPorts", {}, False),
    ("Tty", False, True),
    ("OpenStdin", False, True),
    ("StdinOnce", False, True),
    ("Env", None, True),
    ("Cmd", None, True),
    ("Healthcheck", None, False),
    ("ArgsEscaped", False, False),
    ("Image", "", True),
    ("Volumes", None, True),
    ("WorkingDir", "", True),
    ("Entrypoint", None, True),
    ("NetworkDisabled", False, False),
    ("MacAddress", "", False),
    ("OnBuild", None, True),
    ("Labels", None, True),
    ("StopSignal", "", False),
    ("StopTimeout", None, False),
    ("Shell", None, False),
)
_LISTS = ("Cmd", "Entrypoint", "Shell")  # a text is a list of one
_SETS = ("ExposedPorts", "Volumes", "Labels")  # Go sorts the keys of a map


def is_older(image: Mapping[str, Any]) -> bool:
    """Whether it was made by an engine before 1.8.3, or by no engine: a part that is no number counts as 0."""
    parts = [_number(part) for part in as_text(image.get("docker_version"), "docker_version").split(".")]
    width = max(len(parts), len(_SINCE))
    return _wide(parts, width) < _wide(_SINCE, width)


def rewritten(image: Mapping[str, Any]) -> str:
    """The image as text. Raises DocumentError."""
    size = image.get("Size")
    run = image.get("config")
    told: dict[str, Any] = {
        "id": as_text(image.get("id"), "id"),
        "parent": as_text(image.get("parent"), "parent"),
        "comment": as_text(image.get("comment"), "comment"),
        "created": gojson.moment(image.get("created")),
        "container": as_text(image.get("container"), "container"),
        "container_config": _run(as_object(image.get("container_config"), "container_config")),
        "docker_version": as_text(image.get("docker_version"), "docker_version"),
        "author": as_text(image.get("author"), "author"),
        "config": None if run is None else _run(as_object(run, "config")),
        "architecture": as_text(image.get("architecture"), "architecture"),
        "variant": as_text(image.get("variant"), "variant"),
        "os": as_text(image.get("os"), "os"),
        "Size": size if isinstance(size, int) else 0,
    }
    return gojson.text({name: value for name, value in told.items() if value})


def _run(document: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, empty, always in _RUN:
        value = document.get(name)
        if value is None:
            value = empty
        elif name in _LISTS and isinstance(value, str):
            value = [value]
        elif name in _SETS:
            texts = as_text_map(value, name) if name == "Labels" else {}
            value = {key: texts.get(key, {}) for key in sorted(as_object(value, name))}
        elif isinstance(empty, bool | str) and not isinstance(value, type(empty)):
            raise DocumentError(f"{name} of a step is of another type")
        if always or value not in (empty, []):
            made[name] = value
    return made


def _number(part: str) -> int:
    return int(part) if part.isascii() and part.isdecimal() and len(part) < 10 else 0


def _wide(parts: Any, width: int) -> list[int]:
    return [*parts, *[0] * (width - len(parts))]
