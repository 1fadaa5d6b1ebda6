"""Near-miss layers of a scope, in families: who is nearly the same as whom, what differs, what it costs."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast

from analyzer.models import ImageLayer, LayerSketch, NearMiss
from analyzer.selectors.access import Viewer, visible_images
from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.selectors.scope_facts import once_a_scope
from analyzer.sharing.reasons import REASONS

LIGHT = ("pk", "first_id", "second_id", "common", "larger", "rest", "aside")
FEW_LAYERS = 500  # of which the database looks up the pairs; of more all pairs are read, which takes 2 µs each


class Pair(NamedTuple):
    """Two layers, by primary key, nearly the same. Sizes are bytes of distinct contents.

    `common` is what both hold, so what is stored a second time; `larger` the contents of the larger one; `rest` the
    same without the `aside` files that keep the two apart.
    """

    pk: int
    first: int
    second: int
    common: int
    larger: int
    rest: int
    aside: int
    told: str  # what differs, as JSON: of thousands of pairs a few are read

    @property
    def differs(self) -> Mapping[str, int]:
        """Number of paths by reason."""
        found: dict[str, int] = json.loads(self.told)
        return {name: found[name] for name in REASONS if name in found}

    @property
    def layers(self) -> tuple[int, int]:
        return self.first, self.second

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(self.differs)


@dataclass(frozen=True)
class Family:
    """Layers that near misses join, directly or through one another.

    `lost` is the sum of `common` over the pairs of a greatest spanning tree (`links`: each layer beside the one that it
    is nearest to). What n layers all hold is in n − 1 of those pairs, so nothing is counted twice, as it would be over
    all `pairs`; what only layers far apart in the tree hold is left out: at least so much is stored again.
    """

    layers: tuple[int, ...]
    links: tuple[Pair, ...]  # the greatest first
    pairs: int  # of any two of its layers

    @cached_property
    def lost(self) -> int:
        """Bytes, by diffID."""
        return sum(pair.common for pair in self.links)

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """What differs in any of its links, in the order of REASONS."""
        found = {reason for pair in self.links for reason in pair.reasons}
        return tuple(name for name in REASONS if name in found)

    @property
    def aside(self) -> bool:
        """Whether files had to be set aside anywhere in it."""
        return any(pair.aside for pair in self.links)


def pairs_of(scope: Scope) -> Sequence[Pair]:
    """The near misses whose layers are both in images of the scope, so of its viewer; the greatest first.

    One query; two where the scope is large and the pairs are not those that were read before.
    """
    layers = layers_of(scope)
    if len(layers) <= FEW_LAYERS:
        return _read(NearMiss.objects.filter(first__in=layers, second__in=layers))
    return _within(scope, _every())


@once_a_scope
def _within(scope: Scope, pairs: Sequence[Pair]) -> Sequence[Pair]:
    layers = layers_of(scope)
    return [pair for pair in pairs if pair.first in layers and pair.second in layers]


@once_a_scope
def families_in(scope: Scope, pairs: Sequence[Pair]) -> Sequence[Family]:
    """The families of the scope's pairs, those that cost most first."""
    return families_of(pairs)


_all_pairs: tuple[tuple[int | None, ...], Sequence[Pair]] = (), ()
"""The pairs of all layers, and what told them: a process has them at hand."""


def _every() -> Sequence[Pair]:
    """All pairs, the greatest first.

    A pair follows from its two layers, so a row never says anything else than it did, and keys are not given again:
    number, sum and greatest of the keys tell which rows there are.
    """
    global _all_pairs
    there = NearMiss.objects.aggregate(number=Count("pk"), sum=Sum("pk"), greatest=Max("pk"))
    told = tuple(there.values())
    known, pairs = _all_pairs
    if told != known:
        pairs = _read(NearMiss.objects.all())
        _all_pairs = told, pairs
    return pairs


def forget() -> None:
    """For tests, whose databases give primary keys again."""
    global _all_pairs
    _all_pairs = (), ()


def _read(rows: QuerySet[NearMiss]) -> list[Pair]:
    told = rows.values_list(*LIGHT, Cast("differs", TextField())).iterator(chunk_size=5_000)
    return sorted((Pair._make(row) for row in told), key=_order)


@once_a_scope
def layers_of(scope: Scope) -> frozenset[int]:
    """The layers of its images, by primary key; those that are missing are not among them."""
    return frozenset(pk for image in scope.images.values() for pk in image.layers if pk is not None)


def not_compared(scope: Scope) -> int:
    """How many layers of the scope are still to be compared with the others. One query."""
    return len(layers_of(scope) - set(LayerSketch.objects.values_list("layer_id", flat=True)))


def families_of(pairs: Iterable[Pair]) -> list[Family]:
    """The families of these pairs (as `pairs_of` orders them), those that cost most first."""
    parent: dict[int, int] = {}

    def root(pk: int) -> int:
        while parent.setdefault(pk, pk) != pk:
            parent[pk] = pk = parent[parent[pk]]
        return pk

    links: list[Pair] = []
    every = list(pairs)
    for pair in every:  # Kruskal: the greatest first
        first, second = root(pair.first), root(pair.second)
        if first != second:
            parent[second] = first
            links.append(pair)
    roots = {pk: root(pk) for pk in list(parent)}
    members: dict[int, list[Pair]] = {}
    for pair in links:
        members.setdefault(roots[pair.first], []).append(pair)
    numbers = Counter(roots[pair.first] for pair in every)
    found = [
        Family(tuple(sorted({pk for pair in mine for pk in pair.layers})), tuple(mine), numbers[key])
        for key, mine in members.items()
    ]
    return sorted(found, key=lambda family: (-family.lost, family.layers))


def near_misses_of(viewer: Viewer, layer_pk: int) -> list[NearMiss]:
    """Those of one layer that the viewer may see, with both layers, the greatest first. One query."""
    rows = _visible(viewer).filter(Q(first=layer_pk) | Q(second=layer_pk)).select_related("first", "second")
    return sorted(rows, key=lambda row: (-row.common, len(row.differs), row.pk))


def files_of(pairs: Iterable[Pair]) -> dict[int, list[dict[str, Any]]]:
    """The heaviest files that differ, by pair: {path, first, second, aside}; those that are set aside come first."""
    return dict(NearMiss.objects.filter(pk__in=[pair.pk for pair in pairs]).values_list("pk", "files"))


def homes(scope: Scope, layers: Iterable[int]) -> dict[int, list[ScopeImage]]:
    """The images of each layer, the one that ends lowest first: its name says most about who brought the layer."""
    of_each = _of_each_layer(scope)
    return {pk: of_each.get(pk, []) for pk in layers}


@once_a_scope
def _of_each_layer(scope: Scope) -> Mapping[int, list[ScopeImage]]:
    found: dict[int, list[ScopeImage]] = {}
    order: Sequence[ScopeImage] = sorted(
        scope.images.values(), key=lambda image: (image.size is None, image.size or 0, not image.references, image.name)
    )
    for image in order:
        for pk in {pk for pk in image.layers if pk is not None}:
            found.setdefault(pk, []).append(image)
    return found


def _visible(viewer: Viewer) -> QuerySet[NearMiss]:
    """A pair is there for who may see both layers."""
    layers = ImageLayer.objects.filter(image__in=visible_images(viewer), layer__isnull=False).values("layer")
    return NearMiss.objects.filter(first__in=layers, second__in=layers)


def _order(pair: Pair) -> tuple[int, int, int, int]:
    """The greatest first; of equal ones those that say most about why: with the fewest reasons."""
    return -pair.common, pair.told.count(":"), pair.first, pair.second
