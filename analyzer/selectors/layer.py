"""The Layer page: what a layer is, which of the viewer's images stand on it, and on which chains it lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.filetree.layerdiff import LayerDiff
from analyzer.models import Blob, Chain, Holding, Image, ImageLayer, Layer
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors.access import Viewer, ref_of, teams_of, visible_images
from analyzer.selectors.diffs import diff_of
from analyzer.selectors.layer_blobs import blobs_of
from analyzer.selectors.names import names_of

MOST_USES = 1_000


@dataclass(frozen=True, slots=True)
class Use:
    """An image that the viewer may see and that has the layer. `index` is the layer's in it, bottom first."""

    pk: int
    ref: str
    image_id: str
    name: str
    size: int | None
    index: int
    chain: int | None
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A chain that has the layer on top, and the images that stand on it."""

    chain: Chain
    images: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the layer lies among the viewer's images."""

    uses: tuple[Use, ...]
    places: tuple[Place, ...]  # most images first
    place: Place | None  # the one that changes are told against
    image: Use | None  # the one that the viewer came from, or the smallest on that chain

    @property
    def diff(self) -> LayerDiff | None:
        """What the layer changes on the chosen chain."""
        return diff_of(self.place.chain) if self.place else None


@dataclass(frozen=True, slots=True)
class LayerPage:
    layer: Layer
    setting: Setting
    created_by: str
    step: int | None  # of the history of the setting's image
    blobs: tuple[Blob, ...]
    diff: LayerDiff | None  # on that chain
    packages: bool  # whether a package database of it was read

    @property
    def hidden(self) -> int | None:
        """Bytes of lower layers that it hides on that chain."""
        return sum(self.diff.dead_bytes.values()) if self.diff else None

    @property
    def changes(self) -> int:
        place = self.setting.place
        return place.chain.added + place.chain.modified + place.chain.removed if place else 0

    @property
    def images(self) -> int:
        return len({use.pk for use in self.setting.uses})

    @property
    def smallest_blob(self) -> Blob | None:
        """Of those that are compressed."""
        return min(
            (blob for blob in self.blobs if blob.compression != "none"), key=lambda blob: blob.size, default=None
        )

    @property
    def kept(self) -> bool:
        return any(blob.kept for blob in self.blobs)

    @property
    def is_empty(self) -> bool:
        return str(self.layer.diff_id) == EMPTY_LAYER_DIFF_ID

    @property
    def teams(self) -> tuple[str, ...]:
        return tuple(sorted({team for use in self.setting.uses for team in use.teams}))


def setting_of(viewer: Viewer, layer: Layer, image_ref: str = "") -> Setting:
    """The chain is that of the image that the viewer came from, else the one that most images stand on."""
    uses = _uses(viewer, layer)
    places = _places(uses)
    place, image = _chosen(places, uses, image_ref)
    return Setting(tuple(uses), tuple(places), place, image)


def layer_page(viewer: Viewer, layer: Layer, image_ref: str = "") -> LayerPage:
    """All that the page shows but the listing. The layer is one that the viewer may see."""
    setting = setting_of(viewer, layer, image_ref)
    created_by, step = _instruction(setting.image)
    return LayerPage(
        layer=layer,
        setting=setting,
        created_by=created_by,
        step=step,
        blobs=tuple(blobs_of(viewer, layer)),
        diff=setting.diff,
        packages=layer.packages.exists(),
    )


def _rows(viewer: Viewer, layer: Layer) -> Any:
    return ImageLayer.objects.filter(layer=layer, image__in=visible_images(viewer)).order_by("image_id", "index")


def _uses(viewer: Viewer, layer: Layer) -> list[Use]:
    rows = list(_rows(viewer, layer).select_related("image").defer("image__config", "image__history")[:MOST_USES])
    names = names_of(viewer, {row.image_id: row.image.image_id for row in rows})
    teams: dict[int, list[str]] = {}
    held = Holding.objects.filter(team__in=teams_of(viewer), image__in=list(names)).order_by("team__name")
    for image, team in held.values_list("image_id", "team__name"):
        teams.setdefault(image, []).append(team)
    return [
        Use(
            pk=row.image_id,
            ref=ref_of(row.image),
            image_id=row.image.image_id,
            name=names[row.image_id],
            size=row.image.size,
            index=row.index,
            chain=row.chain_id,
            teams=tuple(teams.get(row.image_id, [])),
        )
        for row in sorted(rows, key=lambda row: (names[row.image_id], row.image_id, row.index))
    ]


def _places(uses: Sequence[Use]) -> list[Place]:
    by_chain: dict[int, list[Use]] = {}
    for use in uses:
        if use.chain is not None:
            by_chain.setdefault(use.chain, []).append(use)
    chains: Mapping[int, Chain] = Chain.objects.defer("changes").in_bulk(list(by_chain))
    places = [Place(chains[pk], tuple(users)) for pk, users in by_chain.items() if pk in chains]
    return sorted(places, key=lambda place: (-len(place.images), place.chain.pk))


def _chosen(places: Sequence[Place], uses: Sequence[Use], image_ref: str) -> tuple[Place | None, Use | None]:
    for use in uses:
        if use.ref == image_ref:
            return next((place for place in places if place.chain.pk == use.chain), None), use
    if places:
        # The image that ends lowest is the one that brought the layer: its name says most.
        return places[0], min(places[0].images, key=lambda use: (use.size is None, use.size))
    return None, uses[0] if uses else None


def _instruction(use: Use | None) -> tuple[str, int | None]:
    """What made the layer, as the image's history tells it, and the number of the step."""
    if use is None:
        return "", None
    history: list[dict[str, Any]] = Image.objects.values_list("history", flat=True).get(pk=use.pk)
    for number, step in enumerate(history):
        if step.get("layer") == use.index:
            return step.get("created_by") or step.get("comment") or "", number
    return "", None
