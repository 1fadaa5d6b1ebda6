"""The tables of the Image page as rows for their JSON and CSV twins."""

from collections.abc import Callable, Sequence
from typing import Any

from analyzer.selectors.figures import rfc3339
from analyzer.selectors.image import ImagePage
from analyzer.selectors.image_archives import Problem
from analyzer.selectors.image_dockerfile import dockerfile_of
from analyzer.selectors.image_layers import LayerRow

Row = dict[str, Any]


def history(page: ImagePage, problems: Sequence[Problem]) -> list[Row]:
    return [
        {
            "index": step.number,
            "image": step.ends.image_id if step.ends else None,
            "created": step.created_text,
            "created_by": step.created_by,
            "size": step.size,
            "comment": step.comment,
            "empty_layer": step.empty_layer,
            "layer": step.layer.index if step.layer else None,
            "diff_id": step.layer.diff_id if step.layer else None,
            "images": step.layer.sharing.images if step.layer and step.layer.sharing else None,
            "waste": step.layer.dead if step.layer else None,
        }
        for step in page.steps
    ]


def layers(page: ImagePage, problems: Sequence[Problem]) -> list[Row]:
    return [_layer(layer) for layer in page.layers]


def _layer(layer: LayerRow) -> Row:
    return {
        "index": layer.index,
        "diff_id": layer.diff_id,
        "chain_id": layer.chain_id,
        "status": layer.status,
        "size": layer.size,
        "tar_size": layer.tar_size,
        "blob_digest": layer.blob_digest,
        "blob_size": layer.blob_size,
        "compression": layer.compression,
        "media_type": layer.media_type,
        "entries": layer.entries,
        "added": layer.added,
        "modified": layer.modified,
        "removed": layer.removed,
        "images": layer.sharing.images if layer.sharing else None,
        "waste": layer.dead,
        "in_base": layer.in_base,
    }


def waste(page: ImagePage, problems: Sequence[Problem]) -> list[Row]:
    """By cause; the parts sum to the whole. No rows where it is not known."""
    figures = page.figures.waste
    return [{"cause": cause.name, "bytes": cause.size} for cause in figures.causes] if figures else []


def dockerfile(page: ImagePage, problems: Sequence[Problem]) -> list[Row]:
    return [
        {
            "instruction": line.text,
            "guess": line.guess or None,
            "note": line.note or None,
            "step": line.step,
            "layer": line.layer.index if line.layer else None,
            "diff_id": line.layer.diff_id if line.layer else None,
            "size": line.layer.size if line.layer else None,
        }
        for line in dockerfile_of(page).lines
    ]


def findings(page: ImagePage, problems: Sequence[Problem]) -> list[Row]:
    return [
        {
            "severity": problem.severity,
            "code": problem.code,
            "layer": problem.layer,
            "path": problem.path,
            "detail": problem.detail,
            "rule": problem.rule,
            "state": problem.state or None,
        }
        for problem in problems
    ]


def archives(page: ImagePage, problems: Sequence[Problem]) -> list[Row]:
    return [
        {
            "archive": arrival.name,
            "format": arrival.format,
            "size": arrival.size,
            "whole": arrival.whole,
            "references": list(arrival.references),
            "brought": rfc3339(arrival.created),
            "by": arrival.user,
            "team": arrival.team,
        }
        for arrival in page.arrivals
    ]


Rows = Callable[[ImagePage, Sequence[Problem]], list[Row]]

TABLES: dict[str, tuple[Rows, tuple[str, ...]]] = {
    "history": (
        history,
        ("image", "created", "created_by", "size", "comment", "empty_layer", "layer", "diff_id", "images", "waste"),
    ),
    "layers": (
        layers,
        (
            *("index", "diff_id", "chain_id", "status", "size", "tar_size", "blob_digest", "blob_size", "compression"),
            *("media_type", "entries", "added", "modified", "removed", "images", "waste", "in_base"),
        ),
    ),
    "waste": (waste, ("cause", "bytes")),
    "dockerfile": (dockerfile, ("instruction", "guess", "note", "step", "layer", "diff_id", "size")),
    "findings": (findings, ("severity", "code", "layer", "path", "detail", "rule", "state")),
    "archives": (archives, ("archive", "format", "size", "whole", "references", "brought", "by", "team")),
}
"""`part` of the address → its rows and the columns of the CSV."""
