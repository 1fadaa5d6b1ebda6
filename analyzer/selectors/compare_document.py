"""A comparison of two images as other programs read it: `compare --json`, the page's twin and the API."""

import base64
from collections.abc import Iterable
from typing import Any

from analyzer.filetree.layerdiff import Change
from analyzer.oci.findings import escape, is_utf8
from analyzer.selectors.compare import ComparedImage, ComparedLayer, Comparison, LayerPair
from analyzer.selectors.compare_config import ConfigChange
from analyzer.selectors.compare_files import FileRow, Files, Part, files_of
from analyzer.selectors.compare_history import StepPair
from analyzer.sharing.alignment import Relation

Document = dict[str, Any]
MOST_DIFFERING = 20  # files that keep two near layers apart; `differing_files` has the number of all


def comparison_document(compared: Comparison, files: Iterable[Document] | None = None) -> Document:
    """The comparison; `files` are the rows that it holds, all where none are given, null where they are not known."""
    found = files_of(compared)
    rows = file_documents(found, range(len(found.diff))) if found is not None and files is None else files
    return {
        "first": _image(compared.first),
        "second": _image(compared.second),
        "semantic": compared.semantic,
        "same": compared.is_same,
        "common": {
            "chains": compared.bytes_of(Relation.SAME),
            "layers": compared.bytes_of(Relation.SAME, Relation.MOVED),
            "near": compared.lost,
        },
        "layers": [layer_document(pair) for pair in compared.layers],
        "totals": totals_document(found),
        "files": list(rows) if found is not None and rows is not None else None,
        "config": [config_document(change) for change in compared.config],
        "history": [step_document(pair) for pair in compared.history],
    }


def _image(image: ComparedImage) -> Document:
    return {
        "image_id": image.image.image_id,
        "ref": image.ref,
        "references": list(image.references),
        "created": image.image.created_text,
        "platform": {
            "os": image.image.os,
            "architecture": image.image.architecture,
            "variant": image.image.variant,
        },
        "size": image.image.size,
        "layers": len(image.layers),
    }


def layer_document(pair: LayerPair) -> Document:
    """`first` and `second` are the layer in either image, null where it has none; `near` is there for near layers."""
    near = pair.kinship
    return {
        "relation": pair.relation.value,
        "first": _layer(pair.first),
        "second": _layer(pair.second),
        "near": {
            "common": near.common,
            "rest": near.rest,
            "alike": near.alike,
            "reasons": near.differs,
            "set_aside": [_differing(item.path, item.first, item.second) for item in near.aside],
            "differing": [_differing(item.path, item.first, item.second) for item in near.differing[:MOST_DIFFERING]],
            "differing_files": len(near.differing),
        }
        if near
        else None,
    }


def _layer(layer: ComparedLayer | None) -> Document | None:
    if layer is None:
        return None
    return {"index": layer.index, "diff_id": layer.diff_id, "size": layer.size, "created_by": layer.created_by}


def _differing(path: bytes, first: int, second: int) -> Document:
    return {**path_document(path), "first_size": first, "second_size": second}


def totals_document(files: Files | None) -> Document | None:
    """Paths and bytes by what happened to them; `same` counts the paths of which nothing differs that is looked at."""
    if files is None:
        return None
    sides = {change.label: files.diff.totals[change] for change in (Change.ADDED, Change.MODIFIED, Change.REMOVED)}
    figures = {
        label: {"paths": side.paths, "first_size": side.first, "second_size": side.second}
        for label, side in sides.items()
    }
    return {"same": files.diff.same, **figures}


def file_documents(files: Files, picked: Iterable[int]) -> list[Document]:
    return [file_document(row) for row in files.rows(list(picked))]


def file_document(row: FileRow) -> Document:
    return {
        **path_document(row.path),
        "change": row.change,
        "changed": list(row.changed),
        "kind": row.kinds[1] or row.kinds[0],
        "first_size": row.first_size,
        "second_size": row.second_size,
        "first_layer": row.first_layer,
        "second_layer": row.second_layer,
    }


def part_document(part: Part) -> Document:
    """A folder (or file) of the folder that is looked at, with all that differs below it."""
    return {
        **path_document(part.path),
        "added": part.added.paths,
        "modified": part.modified.paths,
        "removed": part.removed.paths,
        "added_size": part.added.second,
        "modified_first_size": part.modified.first,
        "modified_second_size": part.modified.second,
        "removed_size": part.removed.first,
        "grown": part.grown,
    }


def path_document(path: bytes) -> Document:
    text: Document = {"path": escape(path)}
    return text if is_utf8(path) else text | {"path_bytes": base64.b64encode(path).decode()}


def config_document(change: ConfigChange) -> Document:
    return {"key": change.key, "change": change.change, "first": change.first, "second": change.second}


def step_document(pair: StepPair) -> Document:
    return {
        "first": pair.first,
        "second": pair.second,
        "change": pair.change,
        "changed": list(pair.changed),
        "created_by": pair.created_by,
    }
