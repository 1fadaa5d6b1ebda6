"""Which step of a history made a layer, for many layers at once."""

from collections.abc import Mapping
from typing import Any

from analyzer.models import Image
from analyzer.selectors.scope import ScopeImage


def made_by(homes: Mapping[int, ScopeImage]) -> dict[int, str]:
    """The instruction that made each layer (by primary key), as the history of the image beside it tells. One query.

    A layer whose image's history does not say is not among them.
    """
    histories: dict[int, list[dict[str, Any]]] = dict(
        Image.objects.filter(pk__in={image.pk for image in homes.values()}).values_list("pk", "history")
    )
    found: dict[int, str] = {}
    for layer, image in homes.items():
        index = image.layers.index(layer)
        for step in histories.get(image.pk, []):
            if step.get("layer") == index:
                found[layer] = step.get("created_by") or step.get("comment") or ""
    return found
