"""Which images that the viewer may see an image stands on: its base, and those that end at one of its steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.models import Chain, Image
from analyzer.selectors.access import Viewer, ref_of, visible_images
from analyzer.selectors.image_history import EndingImage, is_prefix, steps_below
from analyzer.selectors.names import name_of, references_of


@dataclass(frozen=True, slots=True)
class Base:
    """The nearest image below: its chain is the longest proper prefix of the image's own."""

    ref: str
    image_id: str
    name: str
    size: int
    layers: int
    steps: int  # of the image's history that belong to it, from the bottom
    waste: int  # hidden inside it


@dataclass(frozen=True, slots=True)
class Kin:
    base: Base | None
    ends: dict[int, EndingImage]  # by the number of the step


def kin_of(viewer: Viewer, image: Image, chains: Sequence[Chain]) -> Kin:
    """The base, and where known images end. `chains` are the image's own, bottom first. Two queries."""
    below = visible_images(viewer).filter(top_chain__in=chains).select_related("top_chain")
    candidates = list(below.defer("config", "top_chain__changes", "top_chain__findings"))
    known = references_of(viewer, [image.pk, *(item.pk for item in candidates)])
    names = {item.pk: name_of(known.get(item.pk, ()), item.image_id) for item in (image, *candidates)}
    ends: dict[int, EndingImage] = {}
    if image.history:
        # An engine prints the ID of the image that was asked for in the first row, whatever else ends there.
        ends[len(image.history) - 1] = EndingImage(ref_of(image), image.image_id, names[image.pk])
    others = [(item, item.top_chain) for item in candidates if item.top_chain is not None and item.pk != image.pk]
    others.sort(key=lambda pair: _rank(pair[0], pair[1], image, pair[0].pk in known), reverse=True)
    for other, _ in others:
        if other.history and image.history_aligned and is_prefix(other.history, image.history):
            ends.setdefault(len(other.history) - 1, EndingImage(ref_of(other), other.image_id, names[other.pk]))
    bases = [(other, top) for other, top in others if top.depth + 1 < len(chains) or image.top_chain_id is None]
    if not bases:
        return Kin(None, ends)
    base, top = bases[0]
    return Kin(
        Base(
            ref=ref_of(base),
            image_id=base.image_id,
            name=names[base.pk],
            size=top.size,
            layers=top.depth + 1,
            steps=steps_below(image, top.depth + 1, base),
            waste=top.waste,
        ),
        ends,
    )


def _rank(other: Image, top: Chain, image: Image, named: bool) -> tuple[int, int, bool, bool, int]:
    """The longest chain is the nearest; of several images on it, the one whose history goes on in this image's.

    Where that leaves several, one that has a name.
    """
    continues = is_prefix(other.history, image.history)
    return top.depth, len(other.history) if continues else 0, not other.forged_chain_id, named, -other.pk
