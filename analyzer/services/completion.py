"""An image that lacks layers belongs to its team alone; it is completed once that team holds them."""

from collections.abc import Iterable

from django.db.models import Q

from analyzer.models import ArchiveImage, Chain, Holding, Image, Layer, Reference, Team
from analyzer.services.chains import ChainBuilder


def set_totals(image: Image, top_chain: Chain | None) -> None:
    """A whole image's figures are those of its top chain; one without layers is 0 bytes."""
    image.top_chain = top_chain
    image.size = top_chain.size if top_chain else 0
    image.save(update_fields=["top_chain", "size"])


def complete_others(team: Team, diff_ids: Iterable[str]) -> None:
    """Completes the team's images that lacked one of these layers."""
    waiting = Image.objects.filter(
        incomplete_in=team, image_layers__layer__isnull=True, image_layers__diff_id__in=list(diff_ids)
    )
    for image in waiting.distinct():
        complete(image, team, diff_ids)


def complete(image: Image, team: Team, at_hand: Iterable[str | None]) -> Image:
    """Fills in the layers that the team holds (or has just brought); gives back the image to go on with."""
    if image.incomplete_in_id is None:
        return image
    layers = list(image.image_layers.select_related("layer"))
    lacking = {item.diff_id for item in layers if item.layer is None and item.diff_id}
    held = Q(image_layers__image__holdings__team=team) | Q(diff_id__in=[item for item in at_hand if item])
    found = {layer.diff_id: layer for layer in Layer.objects.filter(held, diff_id__in=lacking).distinct()}
    for item in layers:
        if item.layer is None and item.diff_id in found:
            item.layer = found[item.diff_id]
            item.save(update_fields=["layer"])
    readable: list[str] = []
    for item in layers:
        if item.layer is None:
            break
        readable.append(item.layer.diff_id)
    chains = ChainBuilder().build(readable)
    for item, chain in zip(layers, chains, strict=False):
        if item.chain_id is None:
            item.chain = chain
            item.save(update_fields=["chain"])
    return _promote(image, chains[-1] if chains else None) if len(readable) == len(layers) else image


def _promote(image: Image, top_chain: Chain | None) -> Image:
    """A complete image is everyone's: it becomes, or joins, the one image of its ID."""
    whole = Image.objects.filter(
        image_id=image.image_id, forged_chain_id=image.forged_chain_id, incomplete_in__isnull=True
    ).first()
    if whole is None:
        image.incomplete_in = None
        image.save(update_fields=["incomplete_in"])
        set_totals(image, top_chain)
        return image
    for holding in Holding.objects.filter(image=image):
        Holding.objects.get_or_create(team_id=holding.team_id, image=whole)
    Reference.objects.filter(image=image).update(image=whole)
    image.moves.update(image=whole)
    ArchiveImage.objects.filter(image=image).update(image=whole)
    image.delete()
    return whole
