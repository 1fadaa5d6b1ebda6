"""What goes and what stays when teams give up images, as far as one may know it: told among one's own teams' images.

What is really freed would tell that a team one is not in has the same layers.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from analyzer.models import Holding, Image, ImageLayer, Role, Team
from analyzer.selectors.access import Viewer, teams_of
from analyzer.sharing.savings import freed


@dataclass(frozen=True, slots=True)
class Fate:
    """A layer of the images, and whether its bytes go with them."""

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
    kept_by_others: int  # images that another team of one's own holds too, so that nothing of them goes


def teams_holding(viewer: Viewer, image: Image, at_least: Role = Role.VIEWER) -> list[Team]:
    """The teams that hold the image and in which the viewer has that role, by name."""
    return list(teams_of(viewer, at_least).filter(holdings__image=image).distinct())


def freed_with(images: Iterable[Image]) -> int:
    """Bytes, by diffID, that go when no team holds any of the images any more: layers that only they use, together.

    For administrators: counted among all images.
    """
    layers, _ = going_with({image.pk for image in images})
    return sum(layers.values())


def going_with(pks: Collection[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Layers and chains, by primary key and with their sizes, that nothing but these images uses.

    For administrators: counted among all images. A query.
    """
    return _freed(pks, None)


def removal_of(viewer: Viewer, images: Sequence[Image], teams: Sequence[Team]) -> Removal:
    """What removing the images from the teams frees, all of them together, if the viewer's teams were all there are."""
    pks = [image.pk for image in images]
    among = list(teams_of(viewer).values_list("pk", flat=True))
    elsewhere = Holding.objects.filter(image__in=pks, team__in=among).exclude(team__in=teams)
    kept = set(elsewhere.values_list("image_id", flat=True))
    goes, chains = _freed(set(pks) - kept, among)
    rows = ImageLayer.objects.filter(image__in=pks).order_by("image", "index")
    layers: dict[tuple[str, int | None], Fate] = {}
    for diff_id, pk, size in rows.values_list("diff_id", "layer_id", "layer__size"):
        layers.setdefault((diff_id, pk), Fate(diff_id, size, pk is not None, pk in goes))
    return Removal(
        layers=tuple(layers.values()),
        freed=sum(goes.values()),
        freed_chains=sum(chains.values()),
        kept_by_others=len(kept),
    )


def _freed(pks: Collection[int], among: Collection[int] | None) -> tuple[dict[int, int], dict[int, int]]:
    """Layers and chains that nothing but these images uses, by primary key, with their sizes. A query.

    Counted among the images that the teams `among` hold; None: among all there are.
    """
    used = ImageLayer.objects.filter(image__in=pks).order_by()
    rows = ImageLayer.objects.filter(layer__in=used.values("layer")).order_by()
    if among is not None:
        rows = rows.filter(image__in=Holding.objects.filter(team__in=among).values("image"))
    layers: dict[int, set[int]] = {}
    chains: dict[int, set[int]] = {}
    layer_sizes: dict[int, int] = {}
    chain_sizes: dict[int, int] = {}
    for image, layer, chain, size in rows.values_list("image_id", "layer_id", "chain_id", "layer__size"):
        layers.setdefault(image, set()).add(layer)
        layer_sizes[layer] = size
        if chain is not None:
            chains.setdefault(image, set()).add(chain)
            chain_sizes[chain] = size
    return freed(pks, layers, layer_sizes), freed(pks, chains, chain_sizes)
