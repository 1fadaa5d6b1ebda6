"""The tables of the Waste page as rows for their JSON and CSV twins, and for the API."""

from collections.abc import Callable
from typing import Any

from analyzer.oci.findings import escape
from analyzer.selectors.image_waste import Line, WastePage

Row = dict[str, Any]


def line_row(line: Line) -> Row:
    return {
        "cause": line.cause.value,
        "bytes": line.size,
        "entries": line.entries,
        "files": line.files,
        "copied": line.copied,
        "changed": list(line.changed),
        "brought_layer": line.brought.index,
        "brought_by": line.brought_by or None,
        "hiding_layer": line.hider.index,
        "hidden_by": line.hidden_by or None,
        "own": line.own,
        "estimated_transfer": line.transfer,
        "remedy": line.remedy,
    }


def lines(waste: WastePage) -> list[Row]:
    return [line_row(line) for line in waste.lines]


def files(waste: WastePage) -> list[Row]:
    return [
        {
            "path": item.path,
            "bytes": item.size,
            "cause": item.line.cause.value,
            "brought_layer": item.line.brought.index,
            "hiding_layer": item.line.hider.index,
        }
        for item in waste.files()
    ]


def copies(waste: WastePage) -> list[Row]:
    return [
        {
            "layer": item.layer.index,
            "diff_id": item.layer.diff_id,
            "instruction": item.instruction or None,
            "metadata_files": item.copies.metadata_files,
            "metadata_bytes": item.copies.metadata_size,
            "identical_files": item.copies.identical_files,
            "identical_bytes": item.copies.identical_size,
        }
        for item in waste.copies
    ]


def twice(waste: WastePage) -> list[Row]:
    return [
        {
            "sha256": item.sha256.hex(),
            "size": item.size,
            "times": len(item.paths),
            "extra": item.extra,
            "paths": [escape(path) for path in item.paths],
        }
        for item in waste.twice
    ]


TABLES: dict[str, tuple[Callable[[WastePage], list[Row]], tuple[str, ...]]] = {
    "lines": (
        lines,
        (
            *("cause", "bytes", "entries", "files", "copied", "changed", "brought_layer", "brought_by", "hiding_layer"),
            *("hidden_by", "own", "estimated_transfer", "remedy"),
        ),
    ),
    "files": (files, ("path", "bytes", "cause", "brought_layer", "hiding_layer")),
    "copies": (
        copies,
        (
            *("layer", "diff_id", "instruction", "metadata_files", "metadata_bytes", "identical_files"),
            "identical_bytes",
        ),
    ),
    "twice": (twice, ("sha256", "size", "times", "extra", "paths")),
}
"""`part` of the address → its rows and the columns of the CSV."""
