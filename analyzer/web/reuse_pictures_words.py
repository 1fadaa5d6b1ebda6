"""The findings of the pictures of sharing as sentences: each is the title of what shows it."""

from collections.abc import Sequence

from analyzer.selectors.chain_forest import Woods
from analyzer.selectors.heat_map import HeatMap, Pair
from analyzer.selectors.layer_grid import Grid
from analyzer.sharing.forest import Place
from analyzer.units import binary_text, grouped, share
from analyzer.web.overview_words import counted


def forest_title(woods: Woods, place: Place) -> str:
    """`debian:bookworm carries all 13 images: 189.7 MiB stored once instead of 13 times`"""
    forest = woods.forest
    bottom = forest.at(place)
    if not bottom:
        return "No image has a layer"
    images = sum(forest.images[key] for key in bottom)
    first = max(bottom, key=lambda key: (forest.nodes[key].size * (forest.images[key] - 1), forest.above[key], -key))
    carried = forest.images[first]
    names = woods.names(first)
    name = names[0] if names else "One layer"
    size = binary_text(forest.nodes[first].size)
    if carried == 1:
        return f"{counted(images, 'image')} on {counted(len(bottom), 'layer')} of their own: none carries another"
    whom = f"all {grouped(images)} images" if carried == images else f"{grouped(carried)} of {grouped(images)} images"
    return f"{name} carries {whom}: {size} stored once instead of {grouped(carried)} times"


def heat_title(shown: HeatMap, pairs: Sequence[Pair]) -> str:
    """`Every two of 13 images share at least 189.7 MiB; node:argon and expressweb the most, 530.8 MiB`"""
    what = "images" if all(row.image for row in shown.rows) else "rows"
    if not pairs:
        return "One image has nobody to share with"
    most, least = pairs[0], pairs[-1]
    if not most.shared:
        return f"None of these {len(shown.rows)} {what} shares a byte with another"
    greatest = f"{most.one.name} and {most.other.name} the most, {binary_text(most.shared)}"
    if least.shared:
        return f"Every two of {len(shown.rows)} {what} share at least {binary_text(least.shared)}; {greatest}"
    sharing = sum(1 for pair in pairs if pair.shared)
    return f"{share(sharing, len(pairs))} of all pairs share something; {greatest}"


def grid_title(grid: Grid) -> str:
    """`13 images of 5.90 GiB stand on 2.55 GiB of layers: sharing saves 3.35 GiB`"""
    if not grid.images:
        return "No image to draw"
    size = binary_text(grid.naive)
    if len(grid.images) == 1:
        return f"{grid.images[0].name} stands on {size} of layers"
    if not grid.saved:
        return f"{counted(len(grid.images), 'image')} of {size} share nothing"
    stored, saved = binary_text(grid.stored), binary_text(grid.saved)
    return f"{counted(len(grid.images), 'image')} of {size} stand on {stored} of layers: sharing saves {saved}"
