"""Several images compared, as other programs read it: the page's twin and the API."""

from collections.abc import Sequence
from typing import Any

from analyzer.selectors.scope import ScopeImage
from analyzer.sharing.several import Together

Document = dict[str, Any]


def several_document(images: Sequence[ScopeImage], found: Together, by: str) -> Document:
    """`held` and `unique` are bytes by the key `by`; `intersections` add up to the union, the greatest first."""
    return {
        "by": by,
        "union": found.union,
        "intersection": found.intersection,
        "images": [
            {
                "image_id": image.image_id,
                "ref": image.ref,
                "references": list(image.references),
                "size": image.size,
                "held": found.held(number),
                "unique": found.unique(number),
            }
            for number, image in enumerate(images)
        ],
        "intersections": [
            {
                "images": [images[member].ref for member in region.members],
                "references": [text for member in region.members for text in images[member].references[:1]],
                "units": region.units,
                "size": region.size,
            }
            for region in found.regions
        ],
    }
