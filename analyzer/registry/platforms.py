"""Which of an index's platforms is meant (containerd's rules of matching, for what people write)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from analyzer.oci.config import Platform
from analyzer.oci.manifest import Descriptor
from analyzer.oci.wording import shown
from analyzer.registry.errors import Kind, RegistryError

ALL = "all"
DEFAULT = Platform("linux", "amd64", None)

_PART = re.compile(r"[a-z0-9][a-z0-9_.-]{0,30}")
_ALIASES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "armel": "arm", "i386": "386"}
_PLAIN_VARIANTS = {"arm64": "v8", "arm": "v7", "amd64": "v1"}
"""The variant that is meant where none is named."""


class InvalidPlatform(ValueError):
    """A text that is no platform; the message says so to a person."""


def parse_wanted(text: str) -> Platform | None:
    """`os/arch[/variant]`; None for an empty text. Raises InvalidPlatform."""
    if not text:
        return None
    parts = text.lower().split("/")
    if not 2 <= len(parts) <= 3 or not all(_PART.fullmatch(part) for part in parts):
        raise InvalidPlatform(f"{shown(text)!r} is no platform: write os/arch or os/arch/variant, like linux/arm64.")
    return Platform(parts[0], _ALIASES.get(parts[1], parts[1]), parts[2] if len(parts) == 3 else None)


def choose(entries: Sequence[Descriptor], wanted: Platform | None, where: str) -> Descriptor:
    """The entry that is meant; without a wish the default platform, or the only one there is.

    Raises RegistryError (NO_PLATFORM) with a list of those there are.
    """
    matching = [entry for entry in entries if matches(entry.platform, wanted or DEFAULT)]
    if matching:
        return min(matching, key=lambda entry: _distance(entry.platform, wanted or DEFAULT))
    if wanted is None and len(entries) == 1:
        return entries[0]
    raise none_of(where, wanted or DEFAULT, [entry.platform for entry in entries])


def none_of(where: str, wanted: Platform, there: Sequence[Platform | None]) -> RegistryError:
    """The error of a platform that is not there."""
    names = sorted({str(platform) for platform in there if platform is not None})
    told = f"it has {shown(', '.join(names), 600)}" if names else "it names no platforms"
    return RegistryError(Kind.NO_PLATFORM, f"{where} has no image for {wanted}: {told}.")


def matches(platform: Platform | None, wanted: Platform) -> bool:
    """Whether an image of `platform` is one that was asked for; without a variant, all variants are."""
    if platform is None:
        return False
    there = _normal(platform)
    asked = _normal(wanted)
    if (there.os, there.architecture) != (asked.os, asked.architecture):
        return False
    return wanted.variant is None or there.variant == asked.variant


def _normal(platform: Platform) -> Platform:
    architecture = (platform.architecture or "").lower()
    architecture = _ALIASES.get(architecture, architecture)
    variant = platform.variant or _PLAIN_VARIANTS.get(architecture)
    return replace(platform, os=(platform.os or "").lower(), architecture=architecture, variant=variant)


def _distance(platform: Platform | None, wanted: Platform) -> int:
    """The plain variant goes before others of the architecture."""
    return 0 if platform and _normal(platform).variant == _normal(wanted).variant else 1
