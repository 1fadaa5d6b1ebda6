"""The tables of the Layer page as rows for their JSON and CSV twins."""

from collections.abc import Iterator
from typing import Any

from analyzer.filetree.compare import labels
from analyzer.filetree.layerdiff import Change
from analyzer.oci.findings import escape
from analyzer.selectors.entries import entry_document
from analyzer.selectors.entry_source import Source
from analyzer.selectors.image_secrets import layer_findings
from analyzer.selectors.layer import LayerPage
from analyzer.selectors.layer_map import LayerMap

Row = dict[str, Any]

ENTRY_COLUMNS = ("path", "kind", "mode", "uid", "gid", "size", "mtime", "link", "sha256", "change", "changed")
IMAGE_COLUMNS = ("image_id", "name", "size", "layer", "teams")
NEAR_COLUMNS = ("diff_id", "common", "larger", "rest", "reasons", "set_aside", "images")
MAP_COLUMNS = ("path", "size")


def entries(source: Source, rows: list[int]) -> Iterator[Row]:
    """The picked entries with their changes, as `files --json` has them."""
    for row in rows:
        document = entry_document(source.listing, row)
        if source.diff is not None:
            change = source.diff.changes[row]
            document["change"] = Change(change).label if change else None
            document["changed"] = labels(source.diff.changed[row])
        yield document


def images(page: LayerPage) -> list[Row]:
    return [
        {"image_id": use.image_id, "name": use.name, "size": use.size, "layer": use.index, "teams": list(use.teams)}
        for use in page.setting.uses
    ]


def parts(shown_map: LayerMap) -> list[Row]:
    """What is left of the folder has no path."""
    return [{"path": None if part.path is None else escape(part.path), "size": part.size} for part in shown_map.parts]


def layer_document(page: LayerPage) -> Row:
    """The layer itself."""
    layer, chain = page.layer, page.setting.place.chain if page.setting.place else None
    return {
        "diff_id": layer.diff_id,
        "size": layer.size,
        "tar_size": layer.tar_size,
        "entries": layer.entries,
        "kinds": layer.kinds,
        "blobs": [{"digest": blob.digest, "size": blob.size, "compression": blob.compression} for blob in page.blobs],
        "chains": [place.chain.chain_id for place in page.setting.places],
        "chain": chain and chain.chain_id,
        "added": chain and chain.added,
        "modified": chain and chain.modified,
        "removed": chain and chain.removed,
        "hides": page.hidden,
        "images": images(page),
        "findings": [*layer_findings(layer), *(chain.findings if chain else [])],
    }
