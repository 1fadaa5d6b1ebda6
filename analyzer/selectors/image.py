"""The Image page: everything that it shows, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analyzer.models import CAUSES, Chain, Image, Reference, Team
from analyzer.selectors.access import Viewer, ref_of, teams_of
from analyzer.selectors.image_archives import Arrival, arrivals_of, carried_by
from analyzer.selectors.image_history import Step, steps_of
from analyzer.selectors.image_kin import Base, kin_of
from analyzer.selectors.image_layers import Hider, LayerRow, layer_rows, sharing_of, stored_layers
from analyzer.selectors.image_stack import Stack, stack_of
from analyzer.selectors.names import former_names, name_of, references_of

CAUSE_WORDS = {
    "superseded": "replaced by a later version",
    "deleted": "removed by a whiteout",
    "parent_deleted": "a folder above it was removed",
    "opaque": "its folder was emptied",
    "type_changed": "became something else",
}


@dataclass(frozen=True, slots=True)
class Cause:
    name: str
    words: str
    size: int
    tone: float  # of the part in the bar, 0 to 1


@dataclass(frozen=True, slots=True)
class Waste:
    """Bytes that the merged view does not show, the parts of which sum to the whole; and dive's figures beside."""

    size: int
    own: int
    inherited: int
    efficiency: float
    causes: tuple[Cause, ...]  # most bytes first
    dive_wasted: int
    dive_efficiency: float
    dive_user_percent: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Bytes; None where a layer is not known."""

    size: int | None
    own: int | None
    shared: int | None
    shared_with: int
    unique: int | None
    merged_entries: int | None
    waste: Waste | None


@dataclass(frozen=True, slots=True)
class WasteLine:
    """What one layer hides of another."""

    layer: LayerRow
    hider: Hider


@dataclass(frozen=True, slots=True)
class ImagePage:
    image: Image
    ref: str
    name: str
    title: str
    references: tuple[Reference, ...]
    former: str  # the name that it had until its reference moved, where it has none now
    teams: tuple[Team, ...]
    base: Base | None
    layers: tuple[LayerRow, ...]  # bottom first
    steps: tuple[Step, ...]  # newest first
    stack: Stack
    figures: Figures
    arrivals: tuple[Arrival, ...]

    @property
    def unknown(self) -> tuple[LayerRow, ...]:
        """The layers that were not read: why figures are missing."""
        return tuple(layer for layer in self.layers if not layer.known)

    @property
    def waste_lines(self) -> tuple[WasteLine, ...]:
        """Who brought what is hidden, and who hides it; most bytes first."""
        lines = [WasteLine(layer, hider) for layer in self.layers for hider in layer.hiders]
        return tuple(sorted(lines, key=lambda line: -line.hider.size))

    @property
    def empty_steps(self) -> int:
        return sum(step.empty_layer for step in self.steps)


def image_page(viewer: Viewer, image: Image, now: datetime) -> ImagePage:
    """All that the page shows but what its tabs load. The image is one that the viewer may see."""
    stored = stored_layers(image)
    chains = [item.chain for item in stored if item.chain is not None]
    sharing = sharing_of(viewer, chains)
    kin = kin_of(viewer, image, chains)
    arrivals = arrivals_of(viewer, image)
    carried = carried_by(arrivals, len(stored))
    layers = layer_rows(stored, sharing, carried, kin.base.layers if kin.base else 0)
    steps = steps_of(image, layers, kin.ends, kin.base.steps if kin.base else 0, now)
    references = references_of(viewer, [image.pk]).get(image.pk, [])
    name = name_of(references, image.image_id)
    return ImagePage(
        image=image,
        ref=ref_of(image),
        name=name,
        title=references[0].short if references else name,
        references=tuple(references),
        former=former_names(viewer, [] if references else [image.pk]).get(image.pk, ""),
        teams=tuple(teams_of(viewer).filter(holdings__image=image)),
        base=kin.base,
        layers=tuple(layers),
        steps=tuple(steps),
        stack=stack_of(steps, layers, kin.base, image.history_aligned),
        figures=_figures(image, layers, kin.base, chains),
        arrivals=tuple(arrivals),
    )


def _figures(image: Image, layers: Sequence[LayerRow], base: Base | None, chains: Sequence[Chain]) -> Figures:
    shared_with = max((layer.sharing.images - 1 for layer in layers if layer.sharing), default=0)
    if image.size is None:
        return Figures(None, None, None, shared_with, None, None, None)
    shared = sum(layer.size or 0 for layer in layers if layer.shared)
    top = chains[-1] if chains else None
    return Figures(
        size=image.size,
        own=image.size - (base.size if base else 0),
        shared=shared,
        shared_with=shared_with,
        unique=image.size - shared,
        merged_entries=top.merged_entries if top else 0,
        waste=_waste(image.size, layers[0].size or 0, top, base) if top and layers else None,
    )


def _waste(size: int, lowest: int, top: Chain, base: Base | None) -> Waste:
    """`lowest` is the size of layer 0, which dive leaves out of its user-wasted share."""
    waste, inherited = top.waste, base.waste if base else 0
    causes = sorted(top.waste_by_cause.items(), key=lambda cause: (-cause[1], CAUSES.index(cause[0])))
    above = size - lowest
    return Waste(
        size=waste,
        own=waste - inherited,
        inherited=inherited,
        efficiency=1 - waste / size if size else 1.0,
        causes=tuple(
            Cause(name, CAUSE_WORDS[name], part, tone)
            for (name, part), tone in zip(causes, (0.78, 0.42, 0.6, 0.25, 0.92), strict=True)
        ),
        dive_wasted=top.dive_wasted,
        dive_efficiency=top.dive_minimal / top.dive_cumulative if top.dive_cumulative else 1.0,
        dive_user_percent=100 * top.dive_wasted / above if above else 0.0,
    )
