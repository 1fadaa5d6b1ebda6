"""Everything that the figures of lists and of the overview are made of, read at once for one viewer.

A handful of queries whatever the number of images; sums are then arithmetic on plain rows. Sharing is counted
among the images of the scope, and images that lack a layer take part in it as far as their chains are known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import QuerySet

from analyzer.models import Holding, Image, Reference, Team
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.memo import Memo
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
    facts: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # `once_a_scope`

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


class _Told(NamedTuple):
    """The rows that change; all else that a scope is made of follows from them, but for images that lack a layer."""

    held: tuple[tuple[int, int, str], ...]  # of Holding: primary key, image, name of the team
    references: tuple[tuple[int, str, str], ...]
    former: tuple[tuple[int, str], ...]


MOST_IMAGES = 10_000
"""Of the scopes that a process keeps at hand, all added up: 2 kB each, with all that was worked out of them."""

_scopes: Memo[Scope] = Memo(MOST_IMAGES, lambda scope: 1 + len(scope.images))


def scope_of(viewer: Viewer) -> Scope:
    """All that the viewer may see; the same object as before, where nothing came, went or was renamed meanwhile.

    Two to four queries then, of narrow rows, and seven at most else: for former names, where an image has no
    reference, for images that lack a layer, and for layers and chains that are not at hand.
    """
    if _scopes.is_empty:  # nobody asked yet: there is nothing to compare with
        return _made(viewer, None)
    held = tuple(_holdings(viewer).values_list("pk", "image_id", "team__name"))
    told = _Told(held, references := _references(viewer), _former(viewer, held, references))
    known = _scopes.get(told)
    if known is not None:
        if _is_as_it_was(known):
            return known
        _scopes.drop(told)
    return _made(viewer, told)


def forget() -> None:
    """For tests, whose databases give primary keys again."""
    _scopes.clear()


def _made(viewer: Viewer, told: _Told | None) -> Scope:
    """The scope, read anew and kept."""
    held, images = _images(viewer)
    if told is None or told.held != held:  # it has changed since
        told = _Told(held, references := _references(viewer), _former(viewer, held, references))
    _name(images, told)
    layer_pks: set[int] = set()
    chain_pks: set[int] = set()
    for image_pk, (layers, chains) in stacks_at({pk: image.top_chain for pk, image in images.items()}).items():
        images[image_pk].layers, images[image_pk].chains = layers, chains
        layer_pks.update(pk for pk in layers if pk is not None)
        chain_pks.update(chains)
    scope = Scope(images=images, layers=layers_at(layer_pks), chains=chains_at(chain_pks))
    _scopes.put(told, scope)
    return scope


def _holdings(viewer: Viewer) -> QuerySet[Holding]:
    return Holding.objects.filter(team__in=teams_of(viewer)).order_by("image_id", "created", "pk")


def _references(viewer: Viewer) -> tuple[tuple[int, str, str], ...]:
    """Image, repository and tag of the references, as the viewer's teams have them, by name."""
    known = Reference.objects.filter(team__in=teams_of(viewer)).order_by("repository", "tag", "pk")
    return tuple(known.values_list("image_id", "repository", "tag"))


def _former(
    viewer: Viewer, held: Iterable[tuple[int, int, str]], references: Iterable[tuple[int, str, str]]
) -> tuple[tuple[int, str], ...]:
    """Former names of the images that have no reference now. One query, none if there is no such image."""
    nameless = {image for _, image, _ in held}.difference(row[0] for row in references)
    return tuple(former_names(viewer, nameless).items())


def _is_as_it_was(scope: Scope) -> bool:
    """Whether no image that lacked a layer has got one. Two queries, none if no image did."""
    lacking = {pk: image for pk, image in scope.images.items() if not _is_settled(image)}
    if not lacking:
        return True
    now = {row[0]: row[1:] for row in Image.objects.filter(pk__in=lacking).values_list("pk", "size", "top_chain_id")}
    if now != {pk: (image.size, image.top_chain) for pk, image in lacking.items()}:
        return False
    stacks = stacks_at({pk: image.top_chain for pk, image in lacking.items()})
    return all((image.layers, image.chains) == stacks.get(pk, ((), ())) for pk, image in lacking.items())


def _is_settled(image: ScopeImage) -> bool:
    """Nothing of it is still to come: it never changes."""
    return image.size is not None and None not in image.layers and len(image.chains) == len(image.layers)


def _images(viewer: Viewer) -> tuple[tuple[tuple[int, int, str], ...], dict[int, ScopeImage]]:
    """The images that the viewer's teams hold, with when the first of them got each; and who holds what."""
    images: dict[int, ScopeImage] = {}
    own = ("image_id", "forged_chain_id", "os", "architecture", "variant", "size", "created_at", "top_chain_id")
    columns = ("pk", "image_id", "team__name", "created", *(f"image__{name}" for name in own))
    holdings = []
    rows = _holdings(viewer).values_list(*columns)
    for holding, pk, team, came_in, image_id, forged, os, architecture, variant, size, created, top_chain in rows:
        holdings.append((holding, pk, team))
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
    return tuple(holdings), images


def _name(images: Mapping[int, ScopeImage], told: _Told) -> None:
    """References and former names, as the viewer's teams have them."""
    references: dict[int, list[tuple[str, str]]] = {}
    for pk, repository, tag in told.references:
        references.setdefault(pk, []).append((repository, tag))
    former = dict(told.former)
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
