"""The config of an image (OCI image-spec config.md): platform, layers by diffID, history, run parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analyzer.oci.digest import InvalidDigest, parse_digest
from analyzer.oci.history import HistoryStep, parse_history
from analyzer.oci.jsondoc import DocumentError, as_list, as_object, as_text, as_text_map, as_texts, parse
from analyzer.oci.timestamp import normalise

_TEXTS = ("User", "WorkingDir", "StopSignal")
_LISTS = ("Env", "OnBuild")
_COMMANDS = ("Cmd", "Entrypoint", "Shell")  # Docker takes a text for a list of one
_SETS = ("ExposedPorts", "Volumes")


@dataclass(frozen=True, slots=True)
class Platform:
    os: str | None
    architecture: str | None
    variant: str | None

    def filled_from(self, other: "Platform | None") -> "Platform":
        """This platform, with what it lacks from `other`."""
        if other is None:
            return self
        return Platform(self.os or other.os, self.architecture or other.architecture, self.variant or other.variant)

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part) or "unknown"


@dataclass(frozen=True, slots=True)
class ImageConfig:
    document: Mapping[str, Any]
    platform: Platform
    created: str | None
    diff_ids: tuple[str, ...]  # bottom first
    history: tuple[HistoryStep, ...]  # bottom first


def parse_platform(document: Mapping[str, Any]) -> Platform:
    """The platform of a config or a descriptor; empty is unknown. Raises DocumentError."""
    os, architecture, variant = (as_text(document.get(key), key) for key in ("os", "architecture", "variant"))
    return Platform(os or None, architecture or None, variant or None)


def parse_config(raw: bytes, max_depth: int) -> ImageConfig:
    """`document` has no nulls at its top, in `config` and in `rootfs`; the latter two are always there.

    Raises DocumentError; NestedTooDeep past `max_depth`.
    """
    value = parse(raw, max_depth)
    if not isinstance(value, dict):
        raise DocumentError("it is not an object")
    document = _without_nulls(value)
    rootfs = document["rootfs"] = _without_nulls(as_object(document.get("rootfs"), "rootfs"))
    run = document["config"] = _without_nulls(as_object(document.get("config"), "config"))
    try:
        diff_ids = tuple(parse_digest(item) for item in as_list(rootfs.get("diff_ids"), "rootfs.diff_ids"))
    except InvalidDigest as error:
        raise DocumentError(f"an item of rootfs.diff_ids is {error}") from None
    as_text(document.get("author"), "author")
    _check_run_parameters(run)
    return ImageConfig(
        document=document,
        platform=parse_platform(document),
        created=normalise(document.get("created")),
        diff_ids=diff_ids,
        history=tuple(parse_history(document.get("history"))),
    )


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    """Engines write null for what is not set."""
    return {key: value for key, value in document.items() if value is not None}


def _check_run_parameters(config: Mapping[str, Any]) -> None:
    for key in _TEXTS:
        as_text(config.get(key), f"config.{key}")
    for key in _LISTS:
        as_texts(config.get(key), f"config.{key}")
    for key in _COMMANDS:
        if not isinstance(config.get(key), str):
            as_texts(config.get(key), f"config.{key}")
    for key in _SETS:
        as_object(config.get(key), f"config.{key}")
    as_text_map(config.get("Labels"), "config.Labels")
