"""Removing an image frees exactly what only it used: chains, layers, listings, contents and blobs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from analyzer.filetree.listing import Listing
from analyzer.models import (
    ENDED,
    Archive,
    ArchiveImage,
    Blob,
    Chain,
    GateRun,
    Holding,
    Image,
    JobLayer,
    Layer,
    LayerListing,
    Reference,
    ShareLink,
    Team,
)
from analyzer.selectors.access import OPERATOR, Viewer
from analyzer.selectors.removal import removal_of
from analyzer.services import audit, contents, keeping


@dataclass(frozen=True, slots=True)
class Freed:
    """What goes with an image, as far as who asks may know it. `size` is by diffID: the sum of the layers' sizes."""

    layers: int
    size: int
    blob_bytes: int


def preview(image: Image, team: Team, told_to: Viewer = OPERATOR) -> Freed:
    """What `remove_image` would free, without doing it; nothing while another team of who asks holds the image."""
    told = removal_of(told_to, [image], [team])
    going = [layer.diff_id for layer in told.layers if layer.goes]
    blobs = Blob.objects.filter(layer__diff_id__in=going, kept=True)
    return Freed(len(going), told.freed, blobs.aggregate(total=Sum("size"))["total"] or 0)


def remove_images(images: Iterable[Image], teams: Iterable[Team], told_to: Viewer = OPERATOR) -> Freed:
    """Takes the images from those of the teams that hold them, one after the other: what is freed is the sum.

    One transaction an image: many at once would keep everybody else from writing. Whoever is interrupted goes on with
    those that are still there.
    """
    freed = Freed(0, 0, 0)
    holders = list(teams)
    for image in images:
        for team in [team for team in holders if image.holdings.filter(team=team).exists()]:
            one = remove_image(image, team, told_to)
            freed = Freed(freed.layers + one.layers, freed.size + one.size, freed.blob_bytes + one.blob_bytes)
    return freed


def remove_image(image: Image, team: Team, told_to: Viewer = OPERATOR) -> Freed:
    """Takes the image from the team; when no team holds it any more, its rows and bytes go too.

    What is freed is said as `told_to` may know it: layers of teams that they are not in are as good as none.
    """
    with transaction.atomic():
        freed = preview(image, team, told_to)
        named = _called(image, team)
        Holding.objects.filter(image=image, team=team).delete()
        Reference.objects.filter(image=image, team=team).delete()
        GateRun.objects.filter(image=image, team=team).delete()
        ShareLink.objects.filter(image=image, team=team).delete()
        ArchiveImage.objects.filter(image=image, archive__team=team).delete()
        audit.note("image.delete", named, team, freed=freed.size, blob_bytes=freed.blob_bytes)
        Archive.objects.filter(team=team, archive_images__isnull=True).delete()
        if not Holding.objects.filter(image=image).exists():
            _remove_rows(image)
    return freed


def _called(image: Image, team: Team) -> str:
    names = [str(reference) for reference in Reference.objects.filter(image=image, team=team)[:3]]
    return " ".join([*names, image.image_id])


def remove_unheld(pk: int) -> None:
    """The same for an image that no team holds; one that a team came to hold meanwhile stays."""
    with transaction.atomic():
        image = Image.objects.filter(pk=pk, holdings__isnull=True).first()
        if image is not None:
            _remove_rows(image)


def remove_unused(layer: Layer) -> None:
    """A layer that no image has, with the chains that killed jobs left on it; one that an image came to have stays."""
    with transaction.atomic():
        levels = [set(layer.chains.values_list("pk", flat=True))]
        while levels[-1]:
            levels.append(set(Chain.objects.filter(parent__in=levels[-1]).values_list("pk", flat=True)))
        for level in reversed(levels):
            Chain.objects.filter(pk__in=level, image_layers__isnull=True, children__isnull=True).delete()
        _remove_layers([layer.pk])


def _remove_rows(image: Image) -> None:
    layers = list(Layer.objects.filter(image_layers__image=image).values_list("pk", flat=True))
    top = image.image_layers.exclude(chain=None).order_by("-index").values_list("chain_id", flat=True).first()
    image.delete()
    _remove_chains(top)
    _remove_layers(layers)


def _remove_chains(top: int | None) -> None:
    """From the top down, as far as no image stands on them and no other chain on top of them."""
    chain = Chain.objects.filter(pk=top).first() if top is not None else None
    while chain is not None and not chain.children.exists() and not chain.image_layers.exists():
        below = chain.parent
        chain.delete()
        chain = below


def _remove_layers(pks: Iterable[int]) -> None:
    for layer in Layer.objects.filter(pk__in=pks).order_by("diff_id").select_for_update():
        if layer.image_layers.exists() or layer.chains.exists():
            continue
        document = LayerListing.objects.filter(layer=layer).values_list("document", flat=True).first()
        digests = list(layer.blobs.filter(kept=True).values_list("digest", flat=True))
        gone, _ = Layer.objects.filter(pk=layer.pk).delete()
        if gone and document is not None:  # whoever deletes the row counts its contents out
            listing = Listing.from_parquet(bytes(document), columns=["path", "kind", "size", "sha256"])
            contents.subtract(contents.rows_of(listing))
        if gone:
            transaction.on_commit(partial(keeping.drop_blobs, digests))


def orphans(before: datetime) -> QuerySet[Layer]:
    """Layers stored before then that no image has and no job at work is about."""
    wanted = JobLayer.objects.exclude(job__state__in=ENDED).values("diff_id")
    return Layer.objects.filter(image_layers__isnull=True, created__lt=before).exclude(diff_id__in=wanted)


def remove_orphans(older_than: timedelta) -> None:
    """Layers and chains that a cancelled or killed job left without an image."""
    before = timezone.now() - older_than
    with transaction.atomic():
        while True:
            bare = Chain.objects.filter(image_layers__isnull=True, children__isnull=True, layer__created__lt=before)
            if not bare.delete()[0]:
                break
        _remove_layers(list(orphans(before).values_list("pk", flat=True)))
