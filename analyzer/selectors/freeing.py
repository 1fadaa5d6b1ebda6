"""What deleting images frees, and which to delete to free so much: both by layers (this store) and by chains."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from analyzer.selectors.figures import rfc3339
from analyzer.selectors.scope import Scope, ScopeImage, ScopeLayer
from analyzer.sharing.deleting import to_free
from analyzer.sharing.savings import freed, holders

KEYS = ("layers", "chains")
"""What bytes are counted by: layers (diffID) are what this store holds, chains (chainID) an engine's disk."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Leaving:
    """One of the images. Bytes: what it alone would free, and what it and those before it in the list free."""

    image: ScopeImage
    unique: int  # layers that nothing else uses, by diffID
    unique_chains: int  # the same by chainID: the UNIQUE SIZE of `docker system df -v`
    freed: int
    freed_chains: int
    goes: tuple[ScopeLayer, ...]  # the layers, by diffID, that go when it goes after those before it
    goes_chains: tuple[ScopeLayer, ...]  # the layers of the chains that go then
    carries: tuple[ScopeImage, ...]  # images that have it as their base and stay

    def going(self, key: str) -> tuple[ScopeLayer, ...]:
        """What goes with it, by "layers" or "chains"."""
        return self.goes if key == "layers" else self.goes_chains

    def as_json(self) -> dict[str, Any]:
        """The image as a row of the twins."""
        return {
            "image_id": self.image.image_id,
            "ref": self.image.ref,
            "references": list(self.image.references),
            "created": rfc3339(self.image.created),
            "size": self.image.size,
            "unique": self.unique,
            "unique_chains": self.unique_chains,
            "freed": self.freed,
            "freed_chains": self.freed_chains,
            "base_of": [image.image_id for image in self.carries],
        }


@dataclass(frozen=True, slots=True)
class GoneLayer:
    """A layer that goes: how many of the images used it, and on how many parents it lay."""

    layer: ScopeLayer
    images: int
    chains: int


@dataclass(frozen=True, slots=True)
class Freeing:
    """What goes with a set of images. All sizes in bytes."""

    images: tuple[Leaving, ...]
    layers: tuple[GoneLayer, ...]  # the largest first
    freed: int  # by diffID
    freed_chains: int  # by chainID

    @property
    def unique(self) -> int:
        """What the images free one by one, added up, by diffID."""
        return sum(item.unique for item in self.images)

    @property
    def unique_chains(self) -> int:
        return sum(item.unique_chains for item in self.images)

    @property
    def naive(self) -> int:
        """The sizes of the images added up; those that lack a layer are left out."""
        return sum(item.image.size or 0 for item in self.images)

    @property
    def shared_inside(self) -> int:
        """Bytes, by diffID, that go because all that share them go."""
        return self.freed - self.unique

    def by(self, key: str) -> int:
        """Bytes by "layers" or "chains"."""
        return self.freed if key == "layers" else self.freed_chains

    def as_json(self) -> dict[str, Any]:
        """As `report --free --json` has it, and the API."""
        return {
            "freed": self.freed,
            "freed_chains": self.freed_chains,
            "images": [item.as_json() for item in self.images],
            "layers": [
                {"diff_id": item.layer.diff_id, "size": item.layer.size, "images": item.images, "chains": item.chains}
                for item in self.layers
            ],
        }


@dataclass(frozen=True, slots=True)
class Room:
    """The answer to "which to delete to free so much". `most`: what deleting all candidates would free. Bytes."""

    wanted: int
    most: int
    freeing: Freeing

    @property
    def enough(self) -> bool:
        return self.wanted <= self.most


def freeing(everything: Scope, bases: Mapping[int, ScopeImage], chosen: Sequence[ScopeImage]) -> Freeing:
    """What goes when nobody holds these images any more; they are counted among `everything`, in their order."""
    leaving = [image.pk for image in chosen]
    layers = freed(leaving, everything.layers_held, everything.layer_sizes)
    chains = freed(leaving, everything.chains_held, everything.chain_sizes)
    uses = holders({pk: everything.layers_held[pk] for pk in leaving})
    parents = holders({chain: [everything.chains[chain].layer] for chain in chains})
    gone = sorted(layers, key=lambda pk: (-layers[pk], everything.layers[pk].diff_id))
    return Freeing(
        images=tuple(_leaving(everything, bases, chosen)),
        layers=tuple(GoneLayer(everything.layers[pk], uses[pk], parents[pk]) for pk in gone),
        freed=sum(layers.values()),
        freed_chains=sum(chains.values()),
    )


def _leaving(everything: Scope, bases: Mapping[int, ScopeImage], chosen: Sequence[ScopeImage]) -> Iterable[Leaving]:
    """Each of the images with what it frees alone, and what those up to it free together."""
    going = {image.pk for image in chosen}
    standing: dict[int, list[ScopeImage]] = {}
    for pk, base in bases.items():
        if base.pk in going and pk not in going and pk in everything.images:
            standing.setdefault(base.pk, []).append(everything.images[pk])
    layer_users, chain_users = holders(everything.layers_held), holders(everything.chains_held)
    left = layer_users.copy(), chain_users.copy()
    total = total_chains = 0
    for image in chosen:
        held = set(everything.layers_held[image.pk]), set(everything.chains_held[image.pk])
        for users, units in zip(left, held, strict=True):
            users.subtract(units)
        goes = [everything.layers[unit] for unit in held[0] if not left[0][unit]]
        goes_chains = [everything.layers[everything.chains[unit].layer] for unit in held[1] if not left[1][unit]]
        total += sum(layer.size for layer in goes)
        total_chains += sum(layer.size for layer in goes_chains)
        yield Leaving(
            image=image,
            unique=sum(everything.layer_sizes[unit] for unit in held[0] if layer_users[unit] == 1),
            unique_chains=sum(everything.chain_sizes[unit] for unit in held[1] if chain_users[unit] == 1),
            freed=total,
            freed_chains=total_chains,
            goes=_by_size(goes),
            goes_chains=_by_size(goes_chains),
            carries=tuple(sorted(standing.get(image.pk, []), key=lambda item: item.name)),
        )


def _by_size(layers: Iterable[ScopeLayer]) -> tuple[ScopeLayer, ...]:
    return tuple(sorted(layers, key=lambda layer: (-layer.size, layer.diff_id)))


def room(
    everything: Scope,
    bases: Mapping[int, ScopeImage],
    candidates: Iterable[ScopeImage],
    wanted: int,
    key: str = "layers",
    keep: Collection[int] = (),
) -> Room:
    """Which of the candidates to delete, the oldest first, so that `wanted` bytes are free by `key` (see KEYS).

    Nothing of `keep` is chosen, nor what they stand on: their layers stay.
    """
    holds = everything.layers_held if key == "layers" else everything.chains_held
    sizes = everything.layer_sizes if key == "layers" else everything.chain_sizes
    able = [image for image in sorted(candidates, key=age) if image.pk not in keep]
    pks = [image.pk for image in able]
    chosen = set(to_free(wanted, pks, holds, sizes))
    return Room(
        wanted=wanted,
        most=sum(freed(pks, holds, sizes).values()),
        freeing=freeing(everything, bases, [image for image in able if image.pk in chosen]),
    )


def age(image: ScopeImage) -> tuple[datetime, int]:
    """What sorts images the oldest first: when they were made, as their config says, else when they came in."""
    return image.created or image.came_in or LONG_AGO, image.pk
