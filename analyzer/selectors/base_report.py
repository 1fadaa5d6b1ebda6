"""The bases of a scope: what stands on each, what that saves, and whether its tag has moved on since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock

from analyzer.models import ReferenceMove
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.names import spoken
from analyzer.selectors.rebasing import stacks_of
from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.selectors.scope_facts import once_a_scope
from analyzer.sharing.rebase import Stacks


@dataclass(frozen=True, slots=True)
class BaseRow:
    """A base. Sizes in bytes; `also` are other images that end on the same chain."""

    image: ScopeImage
    also: tuple[ScopeImage, ...]
    base: ScopeImage | None  # its own
    own_size: int  # above its own base
    direct: tuple[ScopeImage, ...]  # images of the scope whose nearest base it is
    users: int  # images of the scope that have its chain, itself included where it is one of them

    @property
    def saved(self) -> int:
        """What is kept once instead of once an image, by chainID. Each base counts its own part, so savings add up."""
        return self.own_size * max(self.users - 1, 0)


@dataclass(frozen=True, slots=True)
class Drift:
    """A base whose name now means another image, and the images that still stand on the older push."""

    base: ScopeImage
    name: str
    newer: ScopeImage
    moved: datetime
    images: tuple[ScopeImage, ...]
    more_shared: int  # bytes, by chainID, that these share more in all once they stand on the newer push
    freed: int  # bytes, by diffID, that this store needs fewer then; an older push without a name is deleted


@once_a_scope
def base_rows(scope: Scope, everything: Scope, bases: Mapping[int, ScopeImage]) -> list[BaseRow]:
    """A row for each chain that is the base of an image of the scope, the greatest saving first."""
    direct: dict[int, list[ScopeImage]] = {}
    named: dict[int, dict[int, ScopeImage]] = {}
    for pk, image in scope.images.items():
        base = bases.get(pk)
        if base is not None and base.top_chain is not None:
            direct.setdefault(base.top_chain, []).append(image)
            named.setdefault(base.top_chain, {})[base.pk] = base
    rows = []
    for chain, images in direct.items():
        ends = sorted(named[chain].values(), key=lambda image: (not image.references, image.pk))
        below = bases.get(ends[0].pk)
        under = everything.chains[below.top_chain].size if below and below.top_chain is not None else 0
        rows.append(
            BaseRow(
                image=ends[0],
                also=tuple(ends[1:]),
                base=below,
                own_size=everything.chains[chain].size - under,
                direct=tuple(sorted(images, key=lambda image: image.name)),
                users=scope.chain_users[chain],
            )
        )
    return sorted(rows, key=lambda row: (-row.saved, row.image.name, row.image.pk))


def drifts(
    viewer: Viewer,
    everything: Scope,
    bases: Mapping[int, ScopeImage],
    rows: Sequence[BaseRow],
    most: int | None = None,
) -> tuple[list[Drift], int]:
    """Bases whose name has moved to another image that the viewer may see, and how many there are. One query.

    Those that carry most images first, `most` of them: each takes a count of its own.
    """
    by_pk = {image.pk: row for row in rows for image in (row.image, *row.also)}
    moves = ReferenceMove.objects.filter(reference__team__in=teams_of(viewer), image__in=list(by_pk))
    found: dict[tuple[int, int], tuple[ReferenceMove, tuple[ScopeImage, ...]]] = {}
    for move in moves.select_related("reference").order_by("at"):
        newer = everything.images.get(move.reference.image_id)
        if move.image_id is None or newer is None or newer.size is None:
            continue
        if newer.top_chain == everything.images[move.image_id].top_chain:
            continue
        images = tuple(image for image in by_pk[move.image_id].direct if bases[image.pk].pk == move.image_id)
        if images:
            found[move.image_id, newer.pk] = move, images
    order = sorted(found.items(), key=lambda item: (-len(item[1][1]), spoken(item[1][0].reference), item[0]))
    told = []
    for (old, new), (move, images) in order[:most]:
        base, newer = everything.images[old], everything.images[new]
        shared, freed = _Moves.of(everything).told(base, newer, images)
        told.append(Drift(base, spoken(move.reference), newer, move.reference.moved, images, shared, freed))
    return told, len(found)


class _Moves:
    """What moving images of a scope onto newer bases would change: each is counted once."""

    def __init__(self, everything: Scope) -> None:
        self._everything = everything
        self._counting = Lock()  # the collection is changed meanwhile
        self._told: dict[tuple[int, ...], tuple[int, int]] = {}

    @staticmethod
    @once_a_scope
    def of(everything: Scope) -> "_Moves":
        return _Moves(everything)

    @cached_property
    def _collection(self) -> Stacks:
        sizes = {layer.diff_id: layer.size for layer in self._everything.layers.values()}
        return Stacks(stacks_of(self._everything).values(), sizes)

    def told(self, old: ScopeImage, newer: ScopeImage, images: Sequence[ScopeImage]) -> tuple[int, int]:
        """As `_if_rebased`."""
        key = (old.pk, newer.pk, *(image.pk for image in images))
        with self._counting:
            if key not in self._told:
                stacks = stacks_of(self._everything)
                self._told[key] = _if_rebased(self._collection, stacks, old, newer, images)
            return self._told[key]


def _if_rebased(
    collection: Stacks,
    stacks: Mapping[int, tuple[str, ...]],
    old: ScopeImage,
    newer: ScopeImage,
    images: Sequence[ScopeImage],
) -> tuple[int, int]:
    """Bytes that the images share more, and that the store needs fewer, once all of them stand on `newer`."""
    before, more = collection.layers, 0
    depth = len(stacks[old.pk])
    moved = []
    for image in images:
        told = collection.move(stacks[image.pk], depth, stacks[newer.pk])
        more += told.more_shared
        moved.append((image, told.stack))
    if not old.references:
        collection.remove(stacks[old.pk])
    freed = before - collection.layers
    if not old.references:
        collection.add(stacks[old.pk])
    for image, stack in moved:
        collection.remove(stack)
        collection.add(stacks[image.pk])
    return more, freed
