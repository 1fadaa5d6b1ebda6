"""The history table of an image, as `docker history` prints it: newest first, empty steps included."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from analyzer.models import Image
from analyzer.selectors.image_layers import LayerRow

# What builders put around an instruction, and what of a digest is more than its first twelve digits.
_WRAPPING = re.compile(r"/bin/sh -c (?:#\(nop\) +)?|(?:RUN |)(?:\|\d+ .*?)?/bin/sh -c ", re.DOTALL)
_DIGEST_TAIL = re.compile(r"\b([0-9a-f]{12})([0-9a-f]{52})\b")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of an instruction's text. kind: "" plain, "soft" the builder's wrapping, "head" what ends in a digest's
    first twelve digits, "tail" the rest of that digest."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class EndingImage:
    """An image that the viewer may see and that ends at a step."""

    ref: str
    image_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One row. `number` counts from the bottom; `size` in bytes, None where it is not known which layer it made."""

    number: int
    ends: EndingImage | None  # None prints <missing>
    created: datetime | None
    created_text: str | None  # as the config has it
    since: str  # CREATED as docker prints it
    created_by: str
    comment: str
    empty_layer: bool
    size: int | None
    layer: LayerRow | None
    in_base: bool


def steps_of(
    image: Image,
    layers: Sequence[LayerRow],
    ends: Mapping[int, EndingImage],
    base_steps: int,
    now: datetime,
) -> list[Step]:
    """The rows, newest first. `ends`: the image that ends at a step, by the step's number."""
    rows = []
    for number, step in enumerate(image.history):
        layer = layers[step["layer"]] if step.get("layer") is not None else None
        created = moment(step.get("created"))
        rows.append(
            Step(
                number=number,
                ends=ends.get(number),
                created=created,
                created_text=step.get("created"),
                since=since(created, now),
                created_by=step.get("created_by") or "",
                comment=step.get("comment") or "",
                empty_layer=bool(step.get("empty_layer")),
                size=_size(step, layer, image.history_aligned),
                layer=layer,
                in_base=number < base_steps,
            )
        )
    return rows[::-1]


def _size(step: Mapping[str, Any], layer: LayerRow | None, aligned: bool) -> int | None:
    if layer is not None:
        return layer.size
    # Where history and layers do not align, only a step that says so itself made no layer.
    return 0 if aligned or step.get("empty_layer") else None


def steps_below(image: Image, layer_count: int, other: Image | None = None) -> int:
    """How many steps of the image's history, from the bottom, belong to its lowest `layer_count` layers.

    Steps without a layer that follow belong to them as far as `other`, the image that ends there, has them too.
    0 where history and layers do not align.
    """
    if not image.history_aligned or layer_count == 0:
        return 0
    if other is not None and is_prefix(other.history, image.history):
        return len(other.history)
    tops = [number for number, step in enumerate(image.history) if step.get("layer") == layer_count - 1]
    return tops[0] + 1 if tops else 0


def is_prefix(lower: Sequence[Mapping[str, Any]], upper: Sequence[Mapping[str, Any]]) -> bool:
    """Whether `upper` begins with all steps of `lower`, unchanged."""
    return len(lower) <= len(upper) and all(a == b for a, b in zip(lower, upper, strict=False))


def moment(text: str | None) -> datetime | None:
    """An RFC 3339 time; None where it is absent, malformed or Go's zero time."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.astimezone(UTC) if when.tzinfo is not None and when.year > 1 else None


def spans(created_by: str, most: int | None = None) -> tuple[Span, ...]:
    """The text in pieces; joined they are `created_by` again, or its first `most` characters and how many follow."""
    if most is not None and len(created_by) > most:
        return *spans(created_by[:most]), Span(f"… and {len(created_by) - most:,} more characters", "soft")
    wrapping = _WRAPPING.match(created_by)
    start = wrapping.end() if wrapping else 0
    pieces = [Span(created_by[:start], "soft")] if start else []
    for found in _DIGEST_TAIL.finditer(created_by, start):
        pieces += [Span(created_by[start : found.end(1)], "head"), Span(found[2], "tail")]
        start = found.end()
    if start < len(created_by):
        pieces.append(Span(created_by[start:]))
    return tuple(pieces)


def since(created: datetime | None, now: datetime) -> str:
    """How long ago, in the words of `docker history` (docker/go-units, `HumanDuration`)."""
    if created is None:
        return "N/A"
    seconds = int((now - created).total_seconds())
    minutes, hours = seconds // 60, round(seconds / 3600)
    days = hours // 24
    for fits, words in (
        (seconds < 1, "Less than a second"),
        (seconds == 1, "1 second"),
        (seconds < 60, f"{seconds} seconds"),
        (minutes == 1, "About a minute"),
        (minutes < 60, f"{minutes} minutes"),
        (hours == 1, "About an hour"),
        (hours < 48, f"{hours} hours"),
        (hours < 24 * 7 * 2, f"{days} days"),
        (hours < 24 * 30 * 2, f"{days // 7} weeks"),
        (hours < 24 * 365 * 2, f"{days // 30} months"),
    ):
        if fits:
            return f"{words} ago"
    return f"{days // 365} years ago"
