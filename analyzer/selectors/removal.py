"""What goes and what stays when a team gives up an image."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Sum

from analyzer.models import Chain, Holding, Image, ImageLayer, Layer, Team
from analyzer.selectors.access import Viewer, teams_of


@dataclass(frozen=True, slots=True)
class Fate:
    """A layer of the image, and whether its bytes go with it."""

    diff_id: str
    size: int | None  # None: it is not stored
    stored: bool
    goes: bool


@dataclass(frozen=True, slots=True)
class Removal:
    """The layers bottom first. Bytes: `freed` by diffID (this store), `freed_chains` by chainID (an engine's disk)."""

    layers: tuple[Fate, ...]
    freed: int
    freed_chains: int
    kept_by_others: bool  # another team holds it too, so that nothing goes


def teams_holding(viewer: Viewer, image: Image) -> list[Team]:
    """The viewer's teams that hold the image, by name."""
    return list(teams_of(viewer).filter(holdings__image=image).distinct())


def freed_with(images: Iterable[Image]) -> int:
    """Bytes, by diffID, that go when no team holds any of the images any more: layers that only they use, together."""
    pks = [image.pk for image in images]
    elsewhere = ImageLayer.objects.exclude(image__in=pks).filter(layer=OuterRef("pk"))
    own = Layer.objects.filter(
        Exists(ImageLayer.objects.filter(image__in=pks, layer=OuterRef("pk"))), ~Exists(elsewhere)
    )
    return own.aggregate(total=Sum("size"))["total"] or 0


def removal_of(image: Image, team: Team) -> Removal:
    """What removing the image from the team frees, by the same rule as the removal itself."""
    kept = Holding.objects.filter(image=image).exclude(team=team).exists()
    elsewhere = ImageLayer.objects.exclude(image=image)
    own_layers = Layer.objects.filter(image_layers__image=image).exclude(Exists(elsewhere.filter(layer=OuterRef("pk"))))
    own_chains = Chain.objects.filter(image_layers__image=image).exclude(Exists(elsewhere.filter(chain=OuterRef("pk"))))
    goes = {} if kept else dict(own_layers.values_list("pk", "size"))
    chains = {} if kept else dict(own_chains.values_list("pk", "layer__size"))
    rows = image.image_layers.order_by("index").values_list("diff_id", "layer_id", "layer__size")
    return Removal(
        layers=tuple(Fate(diff_id, size, pk is not None, pk in goes) for diff_id, pk, size in rows),
        freed=sum(goes.values()),
        freed_chains=sum(chains.values()),
        kept_by_others=kept,
    )
