"""`manage.py files`: what lies in an image's layers, or in its merged view."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyzer.filetree.compare import labels
from analyzer.filetree.layerdiff import Change
from analyzer.management.report import printable
from analyzer.models import Image, ImageLayer
from analyzer.selectors.diffs import diff_of
from analyzer.selectors.entries import entry_document, explicit
from analyzer.selectors.listings import listing_of, merged_of
from analyzer.selectors.lookup import NoSuchImage, image_named

Document = dict[str, Any]


class Command(BaseCommand):
    help = "Lists the entries of an image's layers (bottom first), of one of them, or of the merged view."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("image", metavar="IMAGE", help="an image ID, a prefix of it, or a reference")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--layer", type=int, metavar="N", help="only this layer, 0 at the bottom")
        which.add_argument("--merged", action="store_true", help="what a container would see")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *, image: str, layer: int | None, merged: bool, json: bool, **_: Any) -> None:
        try:
            found = image_named(image)
            entries = merged_entries(found) if merged else layer_entries(found, layer)
            for entry in entries:
                self.stdout.write(_line(entry) if not json else _json_line(entry))
        except NoSuchImage as error:
            raise CommandError(str(error), returncode=2) from error
        except BrokenPipeError:  # `| head` has seen enough
            sys.stderr.close()


def layer_entries(image: Image, only: int | None) -> Iterator[Document]:
    """The entries of each layer that is known. Raises NoSuchImage for a layer that the image has not."""
    rows = list(image.image_layers.select_related("layer", "chain").order_by("index"))
    if only is not None and only not in range(len(rows)):
        raise NoSuchImage(f"The image has {len(rows)} layers, 0 to {len(rows) - 1}; there is no layer {only}.")
    for row in rows if only is None else [rows[only]]:
        yield from _entries_of(row, rows)


def _entries_of(row: ImageLayer, rows: list[ImageLayer]) -> Iterator[Document]:
    if row.layer is None:
        return
    listing = listing_of(row.layer)
    diff = None
    if row.chain is not None:
        diff = diff_of(row.chain, [item.layer for item in rows[: row.index + 1] if item.layer])
    for ordinal in explicit(listing):
        change = diff.changes[ordinal] if diff else Change.NONE
        mask = diff.changed[ordinal] if diff else 0
        yield {
            **entry_document(listing, ordinal),
            "layer": row.index,
            "change": Change(change).label if change else None,
            "changed": labels(mask),
        }


def merged_entries(image: Image) -> Iterator[Document]:
    """The merged view. Raises NoSuchImage if it is not known, as some layer is missing or damaged."""
    if image.size is None:
        raise NoSuchImage("The image's merged view is not known: some layer is missing or damaged.")
    if image.top_chain is None:
        return
    merged = merged_of(image.top_chain)
    for ordinal in range(len(merged)):
        yield {**entry_document(merged, ordinal), "layer": merged.layers[ordinal], "change": None, "changed": []}


def _json_line(entry: Document) -> str:
    return json.dumps(entry, ensure_ascii=False)


def _line(entry: Document) -> str:
    sign = {"added": "+", "modified": "~", "removed": "-"}.get(entry["change"] or "", " ")
    link = f" -> {printable(entry['link'])}" if entry["link"] is not None else ""
    return (
        f"{entry['layer']:>3} {sign} {entry['kind']:8} {entry['mode']} {entry['uid']:>5}:{entry['gid']:<5}"
        f" {entry['size']:>12}  {printable(entry['path'])}{link}"
    )
