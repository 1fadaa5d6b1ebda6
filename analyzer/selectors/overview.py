"""The figures of the overview: what images add up to, what sharing saves, who shares and who wastes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors.contents import contents_of
from analyzer.selectors.figures import ImageRow, image_rows
from analyzer.selectors.scope import Scope, ScopeImage, ScopeLayer
from analyzer.selectors.scope_facts import once_a_scope


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the dedup ladder: `size` in bytes, None while it is not counted; `count` things of `unit`."""

    key: str
    size: int | None
    count: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What the whole images of a scope add up to (domain.md, "Sharing and saving"). Sizes are bytes."""

    images: int
    left_out: int  # images that lack a layer: no sum over images can have them
    layers: int
    shared_layers: int  # in more than one image
    files: int  # regular files of the unique layers
    rungs: tuple[Rung, ...]  # naive, chains, layers, contents

    @property
    def naive(self) -> int:
        return self.rungs[0].size or 0

    @property
    def stored(self) -> int:
        return self.rungs[2].size or 0

    @property
    def saved(self) -> int:
        return self.naive - self.stored

    @property
    def contents(self) -> Rung:
        return self.rungs[3]


@dataclass(frozen=True, slots=True)
class SharedLayer:
    """A layer in several images. `uses` counts it each time an image's chain has it."""

    layer: ScopeLayer
    images: int
    names: tuple[str, ...]
    uses: int

    @property
    def saves(self) -> int:
        """Bytes, by diffID: kept once instead of `uses` times."""
        return self.layer.size * (self.uses - 1)


@dataclass(frozen=True, slots=True)
class Growth:
    """After an image came in: all image sizes added up, and the unique layers, in bytes."""

    image: ScopeImage
    at: datetime
    logical: int
    stored: int

    @property
    def saved(self) -> int:
        return self.logical - self.stored


def totals_of(scope: Scope, *, patient: bool = False) -> Totals:
    """The ladder and the counts beside it; `patient` counts contents however long it takes."""
    chains = {chain for image in scope.whole for chain in image.chains}
    users = uses_of(scope)
    layers = users.keys()
    contents = contents_of(layers, patient=patient)
    return Totals(
        images=len(scope.whole),
        left_out=len(scope.images) - len(scope.whole),
        layers=len(layers),
        shared_layers=sum(1 for pk in layers if users[pk] > 1 and scope.layers[pk].diff_id != EMPTY_LAYER_DIFF_ID),
        files=sum(scope.layers[pk].files for pk in layers),
        rungs=(
            Rung("naive", sum(image.size or 0 for image in scope.whole), len(scope.whole), "image"),
            Rung("chains", sum(scope.layers[scope.chains[pk].layer].size for pk in chains), len(chains), "chain"),
            Rung("layers", sum(scope.layers[pk].size for pk in layers), len(layers), "layer"),
            Rung("contents", contents.size if contents else None, contents.number if contents else None, "content"),
        ),
    )


def uses_of(scope: Scope) -> Counter[int]:
    """How often each layer stands in the whole images of the scope."""
    return scope.layer_uses


@once_a_scope
def shared_layers(scope: Scope) -> list[SharedLayer]:
    """The layers that save something by being kept once, the greatest saving first; never the empty layer."""
    uses = uses_of(scope)
    names: dict[int, list[str]] = {}
    for image in scope.whole:
        for pk in {pk for pk in image.layers if pk is not None and uses[pk] > 1}:
            names.setdefault(pk, []).append(image.name)
    found = [
        SharedLayer(scope.layers[pk], len(names[pk]), tuple(sorted(names[pk])), uses[pk])
        for pk in names
        if scope.layers[pk].diff_id != EMPTY_LAYER_DIFF_ID
    ]
    return sorted((item for item in found if item.saves), key=lambda item: (-item.saves, item.layer.diff_id))


@once_a_scope
def wasteful_images(scope: Scope, bases: Mapping[int, ScopeImage]) -> list[ImageRow]:
    """The images that hide bytes, those first that hide the most above their base."""
    rows = [row for row in image_rows(scope, bases).values() if row.size is not None]
    return sorted(
        (row for row in rows if row.waste), key=lambda row: (-(row.own_waste or 0), -(row.waste or 0), row.name)
    )


@once_a_scope
def growth_of(scope: Scope) -> list[Growth]:
    """What was held after each image that is still held came in, the first one first."""
    points: list[Growth] = []
    logical = stored = 0
    seen: set[int] = set()
    for image in sorted(scope.whole, key=lambda item: (item.came_in is None, item.came_in, item.pk)):
        logical += image.size or 0
        fresh = {pk for pk in image.layers if pk is not None} - seen
        seen |= fresh
        stored += sum(scope.layers[pk].size for pk in fresh)
        if image.came_in is not None:
            points.append(Growth(image, image.came_in, logical, stored))
    return points


def thinned(points: Sequence[Growth], most: int = 150) -> list[Growth]:
    """About `most` of the points, evenly spread, the last one always among them."""
    step = -(-len(points) // most) or 1
    return list(points[::-1][::step][::-1])
