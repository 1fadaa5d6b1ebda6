"""Earlier pushes: the images that a reference pointed at before it moved."""

from dataclasses import dataclass
from datetime import datetime

from analyzer.models import Image, ReferenceMove
from analyzer.selectors.access import Viewer, ref_of, teams_of, visible_images
from analyzer.selectors.names import spoken


@dataclass(frozen=True, slots=True)
class Push:
    """The image that a reference pointed at until `until`, when it moved to another one."""

    image: Image
    ref: str
    name: str  # of the reference
    until: datetime


def push_before(viewer: Viewer, image: Image) -> Push | None:
    """What the reference that pointed at `image` last pointed at before, among what the viewer may see. Three queries.

    None where no reference moved here from an image that is still there.
    """
    moves = ReferenceMove.objects.filter(reference__team__in=teams_of(viewer)).select_related("reference")
    for here in moves.filter(image=image).order_by("-at", "-pk")[:1]:
        before = moves.filter(reference=here.reference_id, at__lte=here.at, pk__lt=here.pk).exclude(image=image)
        shown = before.filter(image__in=visible_images(viewer)).select_related("image", "image__top_chain")
        for earlier in shown.order_by("-at", "-pk")[:1]:
            if earlier.image is not None:
                return Push(earlier.image, ref_of(earlier.image), spoken(here.reference), here.at)
    return None
