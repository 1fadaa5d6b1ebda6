"""Everything that the figures of lists and of the overview are made of, read at once for one viewer.

A handful of queries whatever the number of images; sums are then arithmetic on plain rows. Sharing is counted
among the images of the scope, and images that lack a layer take part in it as far as their chains are known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.db.models import F

from analyzer.models import CAUSES, Chain, Holding, ImageLayer, Layer, Reference, Team
from analyzer.selectors.access import Viewer, teams_of, visible_images
from analyzer.selectors.names import former_names, spoken


@dataclass(frozen=True, slots=True)
class ScopeLayer:
    """A stored layer; `size` in bytes, `files` the number of its regular files."""

    diff_id: str
    size: int
    files: int
    entries: int


@dataclass(frozen=True, slots=True)
class ScopeChain:
    """A chain; `size` and `waste` are of the whole of it, in bytes."""

    chain_id: str
    parent: int | None
    layer: int
    depth: int
    size: int
    waste: int


@dataclass(slots=True)
class ScopeImage:
    """An image as its viewer knows it. `size` is None while a layer of it is missing."""

    pk: int
    image_id: str
    ref: str
    platform: str
    size: int | None
    created: datetime | None
    top_chain: int | None
    name: str = ""
    references: tuple[str, ...] = ()
    former: str = ""  # the name that it had until its reference moved, where it has none now
    teams: tuple[str, ...] = ()
    came_in: datetime | None = None  # into the first of the viewer's teams that has it
    layers: list[int | None] = field(default_factory=list)  # bottom first; None is missing
    chains: list[int] = field(default_factory=list)  # bottom first, as far as they are known


@dataclass
class Scope:
    """Images with the layers and chains they stand on, by primary key."""

    images: dict[int, ScopeImage]
    layers: Mapping[int, ScopeLayer]
    chains: Mapping[int, ScopeChain]

    @cached_property
    def whole(self) -> list[ScopeImage]:
        """The images whose size is known: sums over images are made of these alone."""
        return [image for image in self.images.values() if image.size is not None]

    @cached_property
    def layers_held(self) -> dict[int, list[int]]:
        """The layers that each image stands on and that are stored, bottom first."""
        return {pk: [layer for layer in image.layers if layer is not None] for pk, image in self.images.items()}

    @cached_property
    def chains_held(self) -> dict[int, list[int]]:
        """The chains of each image, as far as they are known, bottom first."""
        return {pk: image.chains for pk, image in self.images.items()}

    @cached_property
    def layer_sizes(self) -> dict[int, int]:
        """Bytes of each layer."""
        return {pk: layer.size for pk, layer in self.layers.items()}

    @cached_property
    def chain_sizes(self) -> dict[int, int]:
        """Bytes that each chain adds to the chain below it: those of its layer."""
        return {pk: self.layers[chain.layer].size for pk, chain in self.chains.items()}

    @cached_property
    def chain_users(self) -> Counter[int]:
        """In how many images of the scope each chain is."""
        return Counter(chain for image in self.images.values() for chain in image.chains)

    def shared(self, image: ScopeImage) -> int | None:
        """Bytes of the image's chains that another image of the scope stands on too; None if a layer is missing."""
        if image.size is None:
            return None
        mine = (chain for chain in image.chains if self.chain_users[chain] > 1)
        return sum(self.layers[self.chains[chain].layer].size for chain in mine)

    def among(self, pks: Iterable[int]) -> "Scope":
        """The same for some of the images only."""
        return replace(self, images={pk: self.images[pk] for pk in pks if pk in self.images})


def scope_of(viewer: Viewer) -> Scope:
    """All that the viewer may see. Six queries, and one for former names where an image has no reference."""
    images = _images(viewer)
    _place(viewer, images)
    shown = visible_images(viewer)
    rows = ImageLayer.objects.filter(image__in=shown).order_by("image_id", "index")
    for image_pk, layer_pk, chain_pk in rows.values_list("image_id", "layer_id", "chain_id"):
        if image_pk not in images:
            continue  # it came in between two queries
        images[image_pk].layers.append(layer_pk)
        if chain_pk is not None:
            images[image_pk].chains.append(chain_pk)
    layers = Layer.objects.filter(pk__in=rows.order_by().values("layer_id"))
    chains = Chain.objects.filter(pk__in=rows.order_by().values("chain_id"))
    waste = sum((F(f"waste_{cause}") for cause in CAUSES[1:]), F(f"waste_{CAUSES[0]}"))
    return Scope(
        images=images,
        layers={
            pk: ScopeLayer(diff_id, size, files or 0, entries)
            for pk, diff_id, size, files, entries in layers.values_list(
                "pk", "diff_id", "size", "kinds__file", "entries"
            )
        },
        chains={
            pk: ScopeChain(*row)
            for pk, *row in chains.values_list("pk", "chain_id", "parent_id", "layer_id", "depth", "size", waste)
        },
    )


def _images(viewer: Viewer) -> dict[int, ScopeImage]:
    rows = visible_images(viewer).values_list(
        "pk", "image_id", "forged_chain_id", "os", "architecture", "variant", "size", "created_at", "top_chain_id"
    )
    return {
        pk: ScopeImage(
            pk=pk,
            image_id=image_id,
            ref=f"{image_id}@{forged}" if forged else image_id,
            platform=platform_text(os, architecture, variant),
            size=size,
            created=created,
            top_chain=top_chain,
        )
        for pk, image_id, forged, os, architecture, variant, size, created, top_chain in rows
    }


def _place(viewer: Viewer, images: Mapping[int, ScopeImage]) -> None:
    """References and teams, as the viewer's teams have them."""
    references: dict[int, list[Reference]] = {}
    known = Reference.objects.filter(team__in=teams_of(viewer)).only("image_id", "repository", "tag")
    for reference in known.order_by("repository", "tag", "pk"):
        references.setdefault(reference.image_id, []).append(reference)
    holdings = Holding.objects.filter(team__in=teams_of(viewer)).order_by("created")
    held: dict[int, list[tuple[str, datetime]]] = {}
    for pk, team, created in holdings.values_list("image_id", "team__name", "created"):
        held.setdefault(pk, []).append((team, created))
    former = former_names(viewer, images.keys() - references.keys())
    for pk, image in images.items():
        mine = references.get(pk, [])
        image.former = former.get(pk, "")
        image.references = tuple(dict.fromkeys(str(reference) for reference in mine))
        image.name = spoken(mine[0]) if mine else image.image_id[7:19]
        image.teams = tuple(sorted(team for team, _ in held.get(pk, [])))
        image.came_in = held[pk][0][1] if pk in held else None


def platform_text(os: str | None, architecture: str | None, variant: str | None) -> str:
    """`linux/arm64/v8`; what the image does not say is left out."""
    return "/".join(part for part in (os, architecture, variant) if part)


def held_by(viewer: Viewer, team: Team) -> set[int]:
    """The images that one of the viewer's teams holds, by primary key."""
    return set(Holding.objects.filter(team=team, team__in=teams_of(viewer)).values_list("image_id", flat=True))
