"""The image that a command names: an image ID, an unambiguous prefix of it, or a reference."""

from django.db.models import F

from analyzer.models import Image, Reference
from analyzer.oci.reference import InvalidReference, parse_reference

SHORTEST_PREFIX = 4


class NoSuchImage(Exception):
    """No image, or more than one, goes by this name; the message is one sentence for a person."""


def image_named(name: str) -> Image:
    """The stored image of that name, whichever team holds it. An ID means the honest image. Raises NoSuchImage."""
    digits = name.removeprefix("sha256:")
    if SHORTEST_PREFIX <= len(digits) <= 64 and set(digits) <= set("0123456789abcdef"):
        images = Image.objects.filter(image_id__startswith=f"sha256:{digits}", forged_chain_id="")
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
        raise NoSuchImage(f"{name!r} is neither an image ID nor a reference.") from error
    repository = f"{reference.registry}/{reference.repository}"
    rows = Reference.objects.filter(repository=repository, tag=reference.tag or "").select_related("image")
    images_of = {row.image_id: row.image for row in rows}
    if not images_of:
        raise NoSuchImage(f"No image is known as {reference}.")
    if len(images_of) > 1:
        raise NoSuchImage(f"{reference} means {len(images_of)} images, of different teams; use an image ID.")
    return next(iter(images_of.values()))
