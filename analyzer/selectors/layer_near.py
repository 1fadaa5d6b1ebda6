"""The near misses of one layer, for its page."""

from dataclasses import dataclass
from typing import Any

from analyzer.models import ImageLayer, Layer
from analyzer.selectors.access import Viewer, visible_images
from analyzer.selectors.names import names_of
from analyzer.selectors.near_misses import near_misses_of

MOST = 20


@dataclass(frozen=True, slots=True)
class Near:
    """Another layer that is nearly the same; `names` are of the viewer's images that have it. Sizes are bytes."""

    layer: Layer
    names: tuple[str, ...]
    common: int
    larger: int
    rest: int
    differs: dict[str, int]
    aside: tuple[str, ...]  # paths of files that are set aside

    def as_json(self) -> dict[str, Any]:
        return {
            "diff_id": self.layer.diff_id,
            "common": self.common,
            "larger": self.larger,
            "rest": self.rest,
            "reasons": list(self.differs),
            "differs": self.differs,
            "set_aside": list(self.aside),
            "images": list(self.names),
        }


def near_of(viewer: Viewer, layer: Layer) -> list[Near]:
    """The nearest MOST layers that the viewer may see, those with most in common first. One query; three if any."""
    rows = near_misses_of(viewer, layer.pk)[:MOST]
    if not rows:
        return []
    others = {row.pk: row.second if row.first_id == layer.pk else row.first for row in rows}
    uses = ImageLayer.objects.filter(layer__in=[other.pk for other in others.values()])
    held = list(
        uses.filter(image__in=visible_images(viewer))
        .order_by("image__size", "image_id")
        .values_list("layer_id", "image_id", "image__image_id")
    )
    names = names_of(viewer, {pk: image_id for _, pk, image_id in held})
    return [
        Near(
            layer=others[row.pk],
            names=tuple(dict.fromkeys(names[pk] for other, pk, _ in held if other == others[row.pk].pk)),
            common=row.common,
            larger=row.larger,
            rest=row.rest,
            differs=row.differs,
            aside=tuple(file["path"] for file in row.files if file["aside"]),
        )
        for row in rows
    ]
