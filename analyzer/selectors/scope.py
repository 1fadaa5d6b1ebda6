"""Everything that the figures of lists and of the overview are made of, read at once for one viewer.

A handful of queries whatever the number of images; sums are then arithmetic on plain rows. Sharing is counted
among the images of the scope, and images that lack a layer take part in it as far as their chains are known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import chain

from analyzer.models import Holding, Reference, Team
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.names import former_names, said
from analyzer.selectors.scope_rows import ScopeChain as ScopeChain
from analyzer.selectors.scope_rows import ScopeLayer as ScopeLayer
from analyzer.selectors.scope_rows import chains_at, layers_at, stacks_at


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
    layers: Sequence[int | None] = ()  # bottom first; None is missing
    chains: Sequence[int] = ()  # bottom first, as far as they are known


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
    def chains_held(self) -> dict[int, Sequence[int]]:
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
        return Counter(chain.from_iterable(image.chains for image in self.images.values()))

    @cached_property
    def layer_uses(self) -> Counter[int]:
        """How often each layer stands in the whole images of the scope."""
        uses = Counter(chain.from_iterable(image.layers for image in self.whole))
        return Counter({pk: number for pk, number in uses.items() if pk is not None})

    def shared(self, image: ScopeImage) -> int | None:
        """Bytes of the image's chains that another image of the scope stands on too; None if a layer is missing."""
        if image.size is None:
            return None
        # Whoever stands on a chain stands on all that is below it.
        return next((self.chains[pk].size for pk in reversed(image.chains) if self.chain_users[pk] > 1), 0)

    def among(self, pks: Iterable[int]) -> "Scope":
        """The same for some of the images only."""
        return replace(self, images={pk: self.images[pk] for pk in pks if pk in self.images})


def scope_of(viewer: Viewer) -> Scope:
    """All that the viewer may see. Three to six queries: one for former names, where an image has no reference, and
    two for layers and chains that are not at hand."""
    images = _images(viewer)
    _name(viewer, images)
    layer_pks: set[int] = set()
    chain_pks: set[int] = set()
    for image_pk, (layers, chains) in stacks_at({pk: image.top_chain for pk, image in images.items()}).items():
        images[image_pk].layers, images[image_pk].chains = layers, chains
        layer_pks.update(pk for pk in layers if pk is not None)
        chain_pks.update(chains)
    return Scope(images=images, layers=layers_at(layer_pks), chains=chains_at(chain_pks))


def _images(viewer: Viewer) -> dict[int, ScopeImage]:
    """The images that the viewer's teams hold, with when the first of them got each."""
    images: dict[int, ScopeImage] = {}
    own = ("image_id", "forged_chain_id", "os", "architecture", "variant", "size", "created_at", "top_chain_id")
    held = Holding.objects.filter(team__in=teams_of(viewer)).order_by("image_id", "created", "pk")
    rows = held.values_list("image_id", "created", "team__name", *(f"image__{name}" for name in own))
    for pk, came_in, team, image_id, forged, os, architecture, variant, size, created, top_chain in rows:
        known = images.get(pk)
        if known is not None:
            known.teams = tuple(sorted((*known.teams, team)))
            continue
        images[pk] = ScopeImage(
            pk=pk,
            image_id=image_id,
            ref=f"{image_id}@{forged}" if forged else image_id,
            platform=platform_text(os, architecture, variant),
            size=size,
            created=created,
            top_chain=top_chain,
            teams=(team,),
            came_in=came_in,
        )
    return images


def _name(viewer: Viewer, images: Mapping[int, ScopeImage]) -> None:
    """References, as the viewer's teams have them."""
    references: dict[int, list[tuple[str, str]]] = {}
    known = Reference.objects.filter(team__in=teams_of(viewer)).order_by("repository", "tag", "pk")
    for pk, repository, tag in known.values_list("image_id", "repository", "tag"):
        references.setdefault(pk, []).append((repository, tag))
    former = former_names(viewer, images.keys() - references.keys())
    for pk, image in images.items():
        mine = references.get(pk, [])
        image.former = former.get(pk, "")
        image.references = tuple(dict.fromkeys(f"{repository}:{tag}" for repository, tag in mine))
        image.name = said(*mine[0]) if mine else image.image_id[7:19]


def platform_text(os: str | None, architecture: str | None, variant: str | None) -> str:
    """`linux/arm64/v8`; what the image does not say is left out."""
    return "/".join(part for part in (os, architecture, variant) if part)


def held_by(viewer: Viewer, team: Team) -> set[int]:
    """The images that one of the viewer's teams holds, by primary key."""
    return set(Holding.objects.filter(team=team, team__in=teams_of(viewer)).values_list("image_id", flat=True))
