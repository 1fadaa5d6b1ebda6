"""The image that a command names: an image ID, an unambiguous prefix of it, or a reference."""

from django.db.models import F

from analyzer.models import Image, Reference
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.selectors.access import OPERATOR, Operator, Viewer, teams_of, visible_images

SHORTEST_PREFIX = 4


class NoSuchImage(Exception):
    """No image, or more than one, goes by this name; the message is one sentence for a person."""


def image_named(name: str, viewer: Viewer = OPERATOR) -> Image:
    """The image of that name which the viewer may see. An ID means the honest image. Raises NoSuchImage."""
    known = Image.objects.all() if isinstance(viewer, Operator) else visible_images(viewer)
    name = name.strip()
    image_id, _, forged_chain_id = name.partition("@")
    if forged_chain_id:
        forged = known.filter(image_id=image_id, forged_chain_id=forged_chain_id).first()
        if forged is not None:
            return forged
    digits = name.removeprefix("sha256:")
    if SHORTEST_PREFIX <= len(digits) <= 64 and set(digits) <= set("0123456789abcdef"):
        images = known.filter(image_id__startswith=f"sha256:{digits}", forged_chain_id="")
        found = {image.image_id: image for image in images.order_by(F("incomplete_in").desc(nulls_last=True))}
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            raise NoSuchImage(f"{len(found)} images have an ID that begins with {digits}.")
        if name.startswith("sha256:") or len(digits) == 64:
            raise NoSuchImage(f"No image has an ID that begins with {digits}.")
    try:
        reference = parse_reference(name)
    except InvalidReference as error:
        raise NoSuchImage(f"{name[:100]!r} is neither an image ID nor a reference.") from error
    repository = f"{reference.registry}/{reference.repository}"
    rows = Reference.objects.filter(repository=repository, tag=reference.tag or "", team__in=teams_of(viewer))
    images_of = {row.image_id: row.image for row in rows.select_related("image")}
    if not images_of:
        raise NoSuchImage(f"No image is known as {reference}.")
    if len(images_of) > 1:
        raise NoSuchImage(f"{reference} means {len(images_of)} images, of different teams; use an image ID.")
    return next(iter(images_of.values()))
