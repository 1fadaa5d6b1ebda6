"""A layer's listing as its page asks for it: with its changes against a chain, and what is picked of it."""

from dataclasses import dataclass

from analyzer.filetree.layerdiff import LayerDiff
from analyzer.models import Layer
from analyzer.selectors.entry_select import mask_of
from analyzer.selectors.entry_source import Source, layer_source
from analyzer.selectors.listings import listing_of


@dataclass(frozen=True, slots=True)
class Pick:
    """What is picked of a listing; empty texts pick all."""

    text: str = ""
    kind: str = ""
    change: str = ""


def layer_listing(layer: Layer, diff: LayerDiff | None, pick: Pick) -> Source:
    """The listing with its changes, and which rows are picked."""
    listing = listing_of(layer)
    return layer_source(listing, diff, mask_of(listing, diff, pick.text, pick.kind, pick.change))
