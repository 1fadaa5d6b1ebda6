"""Images side by side: a column each, their layers to scale, and what they share drawn once across all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from analyzer.selectors.chain_forest import Woods, woods_of
from analyzer.selectors.scope import Scope, ScopeImage, ScopeLayer
from analyzer.sharing.forest import Box, Place, boxes

MOST_IMAGES = 30
UNASKED = 12
"""So many of a larger scope are drawn as long as nobody chose any."""

MOST_CELLS = 250
UNFOLDED = 160
"""Of more layers, those that carry only each other are one cell."""

SHORTEST_PREFIX = 4  # digits of an image ID


class NoSuchImage(Exception):
    """No image that the viewer may see goes by this name, or several do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Layers across the columns of all images that stand on them. `size` and `saves` in bytes, by chainID.

    `column` and `span` count columns, `under` is the cell that it stands on (-1: the ground). `rest` is set where it
    holds branches that are not drawn apart.
    """

    layers: Sequence[ScopeLayer]  # bottom first
    column: int
    span: int
    under: int
    size: int
    rest: bool = False

    @property
    def layer(self) -> ScopeLayer:
        """The largest."""
        return max(self.layers, key=lambda layer: layer.size)

    @property
    def files(self) -> int:
        return sum(layer.files for layer in self.layers)

    @property
    def saves(self) -> int:
        """Stored once instead of once an image. Branches that are not drawn apart save something else."""
        return 0 if self.rest else self.size * (self.span - 1)


@dataclass(frozen=True)
class Grid:
    """The images in the order of the forest, and the cells, each after the one it stands on."""

    images: Sequence[ScopeImage]
    cells: Sequence[Cell]
    woods: Woods

    @property
    def naive(self) -> int:
        return sum(image.size or 0 for image in self.images)

    @property
    def stored(self) -> int:
        """Bytes of the unique chains."""
        return self.woods.size

    @property
    def saved(self) -> int:
        return self.naive - self.stored

    def files(self, image: ScopeImage) -> int:
        layers = self.woods.scope.layers
        return sum(layers[pk].files for pk in image.layers if pk is not None)

    def unique(self, image: ScopeImage) -> int:
        """Bytes of its chains that no other image of the grid stands on."""
        alone = (key for key in image.chains if self.woods.forest.images[key] == 1)
        return sum(self.woods.forest.nodes[key].size for key in alone)


def grid_of(scope: Scope, chosen: Sequence[int]) -> Grid:
    """The grid of these images (primary keys). Those that lack a layer, or have none, have no column. No query."""
    woods = woods_of(scope.among(chosen))
    forest = woods.forest
    columns: dict[int, int] = {}
    images: list[ScopeImage] = []
    for key in forest.walk(forest.at(Place())):
        columns[key] = len(images)
        images += woods.ends.get(key, ())
    drawn = boxes(forest, Place(), most=MOST_CELLS, fold=len(forest.nodes) > UNFOLDED)
    return Grid(images, [_cell(woods, columns, box) for box in drawn], woods)


def _cell(woods: Woods, columns: dict[int, int], box: Box) -> Cell:
    layers = [woods.layer(key) for key in box.keys]
    return Cell(layers, columns[box.keys[0]], box.images, box.parent, box.own, box.more)


def unasked(woods: Woods) -> list[int]:
    """What is drawn of a scope as long as nobody chose any: all of it, or the first ones of the forest."""
    images = woods.images_on(Place())
    return [image.pk for image in (images if len(images) <= MOST_IMAGES else images[:UNASKED])]


def chosen_of(scope: Scope, names: Sequence[str]) -> list[int]:
    """The images that these names mean, each once: `ref`, image ID or the beginning of it, or reference.

    Raises NoSuchImage.
    """
    return list(dict.fromkeys(_named(scope, name) for name in names))


def _named(scope: Scope, name: str) -> int:
    for image in scope.images.values():
        if name in (image.ref, image.name) or name in image.references:
            return image.pk
    digits = name.removeprefix("sha256:")
    found = [image.pk for image in scope.images.values() if image.ref.startswith(f"sha256:{digits}")]
    if len(digits) < SHORTEST_PREFIX or len(found) != 1:
        raise NoSuchImage(name)
    return found[0]


def thickness(size: int, largest: int, most: int, *, root: bool) -> int:
    """Pixels of a layer, of at most `most`: as its bytes are to the largest's, or as their roots are."""
    if not largest or not size:
        return 0
    part = isqrt(size * most * most // largest) if root else size * most // largest
    return max(1, part)
