"""The findings of the pictures of sharing as sentences: each is the title of what shows it."""

from analyzer.selectors.chain_forest import Woods
from analyzer.sharing.forest import Place
from analyzer.units import binary_text, grouped
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
