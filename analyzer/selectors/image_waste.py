"""The Waste page of an image: lines that sum to its waste, each with its two instructions and a remedy."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.filetree import compare
from analyzer.filetree.layerdiff import LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.twice import Twice, twice
from analyzer.filetree.waste import Cause
from analyzer.filetree.wastelines import Copies, WasteLine, copies_of, lines_of
from analyzer.models import Chain, Image, Layer
from analyzer.oci.dockerfile import Reader
from analyzer.selectors.diffs import diff_of
from analyzer.selectors.image import ImagePage
from analyzer.selectors.image_layers import LayerRow
from analyzer.selectors.listings import listings_of, merged_of
from analyzer.selectors.remedies import Hidden, cache_of, remedy
from analyzer.selectors.shown import shown

MOST_PATHS = 5  # of a line that are named


@dataclass(frozen=True, slots=True)
class Line:
    """Bytes that one layer brought and another hides, by one cause. `transfer`: estimated bytes as carried, None where
    no compressed blob of the layer is known."""

    key: str  # brought-hider-cause
    brought: LayerRow
    brought_by: str
    hider: LayerRow
    hidden_by: str
    cause: Cause
    size: int
    entries: int
    files: int
    copied: int
    changed: tuple[str, ...]
    hidden: tuple[tuple[bytes, int], ...]  # paths and bytes of what has any, the largest first
    transfer: int | None
    own: bool
    remedy: str

    @property
    def largest(self) -> tuple[tuple[str, int], ...]:
        return tuple((shown(path), size) for path, size in self.hidden[:MOST_PATHS])


@dataclass(frozen=True, slots=True)
class HiddenFile:
    path: str
    size: int
    line: Line


@dataclass(frozen=True, slots=True)
class CopiesOfLayer:
    copies: Copies
    layer: LayerRow
    instruction: str


@dataclass(frozen=True, slots=True)
class WastePage:
    lines: tuple[Line, ...]
    copies: tuple[CopiesOfLayer, ...]
    twice: tuple[Twice, ...]
    transfer: int | None  # estimated, of all lines; None unless it is known for each

    @property
    def copied_files(self) -> int:
        return sum(item.copies.metadata_files for item in self.copies)

    @property
    def copied_size(self) -> int:
        return sum(item.copies.metadata_size for item in self.copies)

    @property
    def twice_extra(self) -> int:
        return sum(item.extra for item in self.twice)

    def files(self) -> list[HiddenFile]:
        """Every entry that holds hidden bytes, the largest first."""
        found = [HiddenFile(shown(path), size, line) for line in self.lines for path, size in line.hidden]
        return sorted(found, key=lambda item: (-item.size, item.path))


@dataclass(frozen=True, slots=True)
class LayerChain:
    """The image's layers with what each hides; bottom first."""

    diffs: Sequence[LayerDiff]
    listings: Sequence[Listing]


def waste_page(image: Image, page: ImagePage) -> WastePage | None:
    """None where a layer is missing or damaged: then nobody knows. `page` is the image's own."""
    chain = layer_chain(image)
    if chain is None:
        return None
    top = image.top_chain
    merged = merged_of(top) if top else None
    instructions = instructions_of(page)
    lines = tuple(_line(line, chain, page, instructions) for line in lines_of(chain.diffs, chain.listings))
    estimates = [line.transfer for line in lines if line.size]
    known = [estimate for estimate in estimates if estimate is not None]
    return WastePage(
        lines=lines,
        copies=tuple(
            CopiesOfLayer(item, page.layers[item.layer], instructions.get(item.layer, ""))
            for item in copies_of(chain.diffs, chain.listings)
        ),
        twice=tuple(twice(merged.paths, merged.kinds, merged.sizes, merged.sha256s)) if merged else (),
        transfer=sum(known) if len(known) == len(estimates) else None,
    )


def layer_chain(image: Image) -> LayerChain | None:
    """The layers of an image and what each does to those below. None where one is missing or damaged."""
    rows = list(image.image_layers.select_related("layer", "chain").defer("chain__changes").order_by("index"))
    pairs = [(row.layer, row.chain) for row in rows if row.layer is not None and row.chain is not None]
    if len(pairs) < len(rows):
        return None
    layers: list[Layer] = [layer for layer, _ in pairs]
    chains: list[Chain] = [chain for _, chain in pairs]
    listings = listings_of(layers)
    return LayerChain([diff_of(chain, layers[: depth + 1]) for depth, chain in enumerate(chains)], listings)


def instructions_of(page: ImagePage) -> dict[int, str]:
    """The instruction that made each layer, by its index, as far as the history tells."""
    reader = Reader()
    made = {}
    for step in page.steps[::-1]:
        text = reader.read(step.created_by, step.comment).text
        if step.layer is not None:
            made[step.layer.index] = text
    return made


def _line(line: WasteLine, chain: LayerChain, page: ImagePage, instructions: dict[int, str]) -> Line:
    brought, hider = page.layers[line.brought], page.layers[line.hider]
    listing = chain.listings[line.brought]
    held = [(listing.paths[row], size) for row in line.rows if (size := listing.sizes[row])]
    hidden = Hidden(
        cause=line.cause,
        size=line.size,
        copied=line.copied,
        changed=line.changed,
        brought_by=instructions.get(line.brought, ""),
        hidden_by=instructions.get(line.hider, ""),
        same_layer=line.brought == line.hider,
        from_base=brought.in_base,
        in_base=hider.in_base,
        base=page.base.name if page.base else "",
        cache=cache_of(held),
    )
    return Line(
        key=f"{line.brought}-{line.hider}-{line.cause}",
        brought=brought,
        brought_by=hidden.brought_by,
        hider=hider,
        hidden_by=hidden.hidden_by,
        cause=line.cause,
        size=line.size,
        entries=line.entries,
        files=line.files,
        copied=line.copied,
        changed=tuple(compare.labels(line.changed)) if line.copied else (),
        hidden=tuple(sorted(held, key=lambda item: (-item[1], item[0]))),
        transfer=_transfer(line.size, brought),
        own=not hider.in_base,
        remedy=remedy(hidden),
    )


def _transfer(size: int, layer: LayerRow) -> int | None:
    """As many bytes as the layer's compressed blob has for so many of its tar, on average."""
    if layer.compression in {None, "none"} or layer.blob_size is None or not layer.tar_size:
        return None
    return size * layer.blob_size // layer.tar_size
