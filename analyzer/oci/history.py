"""The history of an image (OCI image-spec config.md, "history"): how its layers came to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.oci.jsondoc import as_flag, as_list, as_object, as_text
from analyzer.oci.timestamp import normalise


@dataclass(frozen=True, slots=True)
class HistoryStep:
    created: str | None  # RFC 3339 UTC, None if absent or malformed
    created_by: str
    comment: str
    empty_layer: bool
    author: str = ""


def parse_history(value: Any) -> list[HistoryStep]:
    """The steps, bottom first; absent is empty. Raises DocumentError."""
    return [_step(as_object(item, "an item of history")) for item in as_list(value, "history")]


def _step(document: dict[str, Any]) -> HistoryStep:
    return HistoryStep(
        created=normalise(document.get("created")),
        created_by=as_text(document.get("created_by"), "history.created_by"),
        comment=as_text(document.get("comment"), "history.comment"),
        empty_layer=as_flag(document.get("empty_layer"), "history.empty_layer"),
        author=as_text(document.get("author"), "history.author"),
    )


def align(steps: Sequence[HistoryStep], layer_count: int) -> list[tuple[HistoryStep, int | None]] | None:
    """Each step with the index of the layer that it made, None for an empty step.

    Returns None where as many layers as steps that are not empty is not true: then nobody can say
    which step made which layer. A history that is absent aligns with no layers alone.
    """
    rows: list[tuple[HistoryStep, int | None]] = []
    made = 0
    for step in steps:
        rows.append((step, None if step.empty_layer else made))
        made += not step.empty_layer
    return rows if made == layer_count else None
