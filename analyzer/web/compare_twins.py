"""The tables of a comparison as CSV: their columns, and layers as flat rows."""

from collections.abc import Mapping
from typing import Any

COLUMNS = {
    "files": ("path", "change", "changed", "kind", "first_size", "second_size", "first_layer", "second_layer"),
    "folders": (
        "path",
        "added",
        "modified",
        "removed",
        "added_size",
        "modified_first_size",
        "modified_second_size",
        "removed_size",
        "grown",
    ),
    "layers": (
        "relation",
        "first_index",
        "second_index",
        "first_diff_id",
        "second_diff_id",
        "first_size",
        "second_size",
        "common",
        "reasons",
        "set_aside",
    ),
    "config": ("key", "change", "first", "second"),
    "history": ("first", "second", "change", "changed", "created_by"),
}


def flat_layer(row: Mapping[str, Any]) -> dict[str, Any]:
    """A layer's document without anything nested."""
    near: Mapping[str, Any] = row["near"] or {}
    sides = {
        f"{side}_{key}": (row[side] or {}).get(key)
        for side in ("first", "second")
        for key in ("index", "diff_id", "size")
    }
    return {
        "relation": row["relation"],
        **sides,
        "common": near.get("common"),
        "reasons": list(near.get("reasons", ())),
        "set_aside": [item["path"] for item in near.get("set_aside", ())],
    }
