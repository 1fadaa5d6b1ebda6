"""What could be saved in a scope, and by doing what: each source looks for one kind of saving.

A source takes the `Ground` and gives proposals. All sizes are bytes by diffID, of what this store holds, among all
that the viewer may see: what images outside of the scope still need is not saved.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from analyzer.models import CommonGround, ImageLayer, LayerListing
from analyzer.selectors.common_ground import Candidate, candidates_of
from analyzer.selectors.diffs import hidden_by_layer
from analyzer.selectors.figures import image_rows
from analyzer.selectors.names import said
from analyzer.selectors.near_misses import Family, families_in, homes, pairs_of
from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.selectors.scope_facts import once_a_scope
from analyzer.sharing.savings import freed, holders

MOST_WASTEFUL = 5  # images whose waste is looked at closely
LEAST_COMMON = 1 << 20  # bytes of a set of files that is worth a base of its own


@dataclass(frozen=True)
class Ground:
    """What proposals are made of."""

    scope: Scope
    everything: Scope
    bases: Mapping[int, ScopeImage]
    common: CommonGround | None = None  # of the scope, as far as it is known


@dataclass(frozen=True, slots=True)
class Proposal:
    """Doing `kind` with `images` saves `size` bytes, which lie in `units`: layers, by primary key."""

    kind: str  # near_miss, old_push, rebase, waste, common_ground
    size: int
    units: frozenset[Any]
    images: tuple[ScopeImage, ...]
    about: tuple[ScopeImage, ...] = ()  # of rebase: the base they stand on, and the one to stand on
    family: Family | None = None  # of near_miss
    candidate: Candidate | None = None  # of common_ground


def near_misses(ground: Ground) -> Iterator[Proposal]:
    """Layers that could be one: what a family stores again."""
    yield from _near_misses(ground.scope, families_in(ground.scope, pairs_of(ground.scope)))


@once_a_scope
def _near_misses(scope: Scope, families: Sequence[Family]) -> Sequence[Proposal]:
    held = homes(scope, {pk for family in families for pk in family.layers})
    found = []
    for family in families:
        images = {image.pk: image for pk in family.layers for image in held[pk][:1]}
        found.append(
            Proposal("near_miss", family.lost, frozenset(family.layers), tuple(images.values()), family=family)
        )
    return found


def old_pushes(ground: Ground) -> Iterator[Proposal]:
    """Images whose tag has moved on: what deleting all of them frees."""
    old = [image for image in ground.scope.images.values() if image.former and not image.references]
    gone = freed([image.pk for image in old], ground.everything.layers_held, ground.everything.layer_sizes)
    if gone:
        yield Proposal("old_push", sum(gone.values()), frozenset(gone), tuple(sorted(old, key=lambda each: each.name)))


def rebases(ground: Ground) -> Iterator[Proposal]:
    """Images on an older push of a base: what is saved once they stand on the newer one, and the older is deleted.

    Their own layers are moved as they are.
    """
    named = {
        said(*reference.rsplit(":", 1)): image
        for image in ground.everything.images.values()
        for reference in image.references
    }
    drifted: dict[tuple[int, int], list[ScopeImage]] = {}
    for image in ground.scope.whole:
        base = ground.bases.get(image.pk)
        if base is None or base.references or not base.former:
            continue
        newer = named.get(base.former)
        if newer is not None and newer.pk not in (image.pk, base.pk) and newer.size is not None:
            drifted.setdefault((base.pk, newer.pk), []).append(image)
    users = holders(ground.everything.layers_held)
    for (old, new), images in drifted.items():
        yield _rebase(ground, users, ground.everything.images[old], ground.everything.images[new], images)


def _rebase(
    ground: Ground, users: Mapping[int, int], old: ScopeImage, new: ScopeImage, images: Sequence[ScopeImage]
) -> Proposal:
    """Every layer that they have then is stored already, so what is saved is what nobody has any more."""
    held = ground.everything.layers_held
    base = set(held[old.pk])
    after = [{*held[new.pk], *held[image.pk][len(held[old.pk]) :]} for image in images]
    leaving = holders({0: base, **{number: base - layers for number, layers in enumerate(after, 1)}})
    gone = frozenset(pk for pk, number in leaving.items() if users[pk] == number)
    size = sum(ground.everything.layer_sizes[pk] for pk in gone)
    return Proposal("rebase", size, gone, tuple(images), (old, new))


def wasteful(ground: Ground) -> Iterator[Proposal]:
    """Images that hide bytes which their own layers hold: what is saved if they never bring them.

    Bytes that lie in the base stay there, whatever is done above it.
    """
    rows = image_rows(ground.scope, ground.bases).values()
    worst = sorted((row for row in rows if row.own_waste), key=lambda row: (-(row.own_waste or 0), row.name))
    for row in worst[:MOST_WASTEFUL]:
        image = ground.scope.images[row.pk]
        depth = len(row.base.chains) if row.base else 0
        own = frozenset(pk for pk in image.layers[depth:] if pk is not None)
        if image.top_chain is not None:
            top = ground.scope.chains[image.top_chain].chain_id
            yield Proposal("waste", _own_dead(image, top, depth), own, (image,))


def _own_dead(image: ScopeImage, top: str, depth: int) -> int:
    """Bytes of the layers from `depth` on that later layers hide. Chains never change, so the sum is remembered."""
    key = f"own-dead-{top}-{depth}"
    found: int | None = cache.get(key)
    if found is None:
        rows = ImageLayer.objects.filter(image=image.pk).select_related("layer", "chain").order_by("index")
        rows = rows.defer("chain__changes", "chain__findings", "layer__findings")
        known = [(row.chain, row.layer) for row in rows if row.chain is not None and row.layer is not None]
        try:
            hidden = hidden_by_layer([chain for chain, _ in known], [layer for _, layer in known])
        except LayerListing.DoesNotExist:  # it was removed meanwhile
            return 0
        found = sum(size for index, by in hidden.items() if index >= depth for size in by.values())
        cache.set(key, found, timeout=None)
    return found


def common_ground(ground: Ground) -> Iterator[Proposal]:
    """Sets of files that several images carry in layers of their own: what a shared base would save."""
    if ground.common is None or ground.common.computed is None:
        return
    pks = {layer.diff_id: pk for pk, layer in ground.scope.layers.items()}
    for candidate in candidates_of(ground.scope, ground.common, LEAST_COMMON):
        units = frozenset(pks[layer.diff_id] for layer in candidate.layers)
        yield Proposal("common_ground", candidate.saving, units, candidate.images, candidate=candidate)


SOURCES: tuple[Callable[[Ground], Iterator[Proposal]], ...] = (
    near_misses,
    old_pushes,
    rebases,
    wasteful,
    common_ground,
)
"""A further kind of saving is a further function here, and its words in `report_words`."""


def proposals_of(ground: Ground) -> list[Proposal]:
    """What every source proposes."""
    return [proposal for source in SOURCES for proposal in source(ground)]
