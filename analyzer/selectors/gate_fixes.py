"""The lines to fix of a gate that is shut: hidden bytes with their remedies, layers with what is largest in them."""

from collections.abc import Iterable, Mapping

from analyzer.gate.verdict import MOST_FIXES, Fix, Lens
from analyzer.models import Image
from analyzer.selectors.image import ImagePage
from analyzer.selectors.image_layers import LayerRow
from analyzer.selectors.image_waste import Line, WastePage
from analyzer.selectors.listings import listing_of
from analyzer.selectors.shown import shown, shown_text
from analyzer.units import binary_text

LONGEST_INSTRUCTION = 200


def fixes_of(
    lens: Lens, page: ImagePage, waste: WastePage | None, against: Image | None, instructions: Mapping[int, str]
) -> list[Fix]:
    """The lines to fix that a lens shows, the most bytes first."""
    if lens is Lens.WASTE:
        own = [line for line in waste.lines if line.own and line.size] if waste else []
        return [_hidden(line) for line in sorted(own, key=lambda line: -line.size)[:MOST_FIXES]]
    own_layers = [layer for layer in page.layers if not layer.in_base and layer.size]
    if lens is Lens.NEW and against is not None:
        known = set(against.image_layers.values_list("diff_id", flat=True))
        own_layers = [layer for layer in own_layers if layer.diff_id not in known] or own_layers
    if lens is Lens.UNSHARED:
        own_layers = [layer for layer in own_layers if not layer.shared] or own_layers
    return [_layer(layer, instructions) for layer in _largest(own_layers)]


def one_line(instruction: str) -> str:
    """An instruction as one line without what is not seen, clipped."""
    text = shown_text(" ".join(instruction.split()))
    return text if len(text) <= LONGEST_INSTRUCTION else f"{text[: LONGEST_INSTRUCTION - 1]}…"


def _hidden(line: Line) -> Fix:
    layers = (
        f"layer {line.brought.index} brings it and layer {line.hider.index} hides it"
        if line.brought.index != line.hider.index
        else f"layer {line.brought.index} brings it and hides it"
    )
    return Fix(
        f"{binary_text(line.size)} that nobody sees: {layers}.",
        line.remedy,
        line.size,
        line.brought.index,
        one_line(line.brought_by),
        one_line(line.hidden_by),
        line.largest[0][0] if line.largest else "",
    )


def _largest(layers: Iterable[LayerRow]) -> list[LayerRow]:
    return sorted(layers, key=lambda layer: (-(layer.size or 0), layer.index))[:MOST_FIXES]


def _layer(layer: LayerRow, instructions: Mapping[int, str]) -> Fix:
    instruction = instructions.get(layer.index, "")
    word = instruction.partition(" ")[0].upper()
    remedy = "Make it smaller, or bring it from an earlier stage."
    if word in {"COPY", "ADD"}:
        remedy = "Copy only what runs: name the rest in .dockerignore, or COPY --from an earlier stage."
    elif word == "RUN":
        remedy = "Install only what runs, and build in an earlier stage."
    return Fix(
        f"Layer {layer.index} adds {binary_text(layer.size or 0)}.",
        remedy,
        layer.size,
        layer.index,
        one_line(instruction),
        path=_largest_file(layer),
    )


def _largest_file(layer: LayerRow) -> str:
    if layer.stored is None:
        return ""
    listing = listing_of(layer.stored)
    at = max(range(len(listing)), key=listing.sizes.__getitem__, default=None)
    return shown(listing.paths[at]) if at is not None and listing.sizes[at] else ""
