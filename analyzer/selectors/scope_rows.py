"""The rows of layers, of chains and of whole images' stacks that scopes are made of, each read once a process.

A layer, a chain and the stack of an image that lacks nothing never change and their primary keys are never given
again, so a row that was read is good for ever; which of them a viewer gets is decided by the rows of images and of who
holds them, which are read anew each time.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

from django.db.models import F, QuerySet

from analyzer.models import CAUSES, Chain, Image, ImageLayer, Layer

Row = TypeVar("Row")
A_QUERY = 5_000  # primary keys
MOST_ROWS = 100_000
"""Rows of layers, of chains and of images that a process keeps at hand: 300 bytes each."""


class ScopeLayer(NamedTuple):
    """A stored layer; `size` and `tar_size` in bytes, `files` the number of its regular files."""

    diff_id: str
    size: int
    files: int
    entries: int
    tar_size: int = 0


class ScopeChain(NamedTuple):
    """A chain; `size` and `waste` are of the whole of it, in bytes."""

    chain_id: str
    parent: int | None
    layer: int
    depth: int
    size: int
    waste: int


class ScopeStack(NamedTuple):
    """What an image stands on, bottom first: primary keys of its layers (None: missing) and of its known chains."""

    layers: tuple[int | None, ...]
    chains: tuple[int, ...]


_layers: dict[int, ScopeLayer] = {}
_chains: dict[int, ScopeChain] = {}
_stacks: dict[int, ScopeStack] = {}


def layers_at(pks: Collection[int]) -> dict[int, ScopeLayer]:
    """The layers with these primary keys. One query for each A_QUERY that are not at hand."""
    return _at_hand(_layers, pks, lambda some: _read_layers(Layer.objects.filter(pk__in=some)))


def chains_at(pks: Collection[int]) -> dict[int, ScopeChain]:
    """The chains with these primary keys. One query for each A_QUERY that are not at hand."""
    return _at_hand(_chains, pks, lambda some: _read_chains(Chain.objects.filter(pk__in=some)))


def stacks_at(top_chains: Mapping[int, int | None]) -> dict[int, ScopeStack]:
    """The stacks of images, told with their top chains. One query for each A_QUERY that are not at hand."""
    found = {}
    for pk, top in top_chains.items():
        stack = _stacks.get(pk)
        if stack is not None and stack.chains[-1] == top:
            found[pk] = stack
    lacking = [pk for pk in top_chains if pk not in found]
    for start in range(0, len(lacking), A_QUERY):
        rows = dict(_read_stacks(ImageLayer.objects.filter(image__in=lacking[start : start + A_QUERY])))
        found.update(rows)
        _keep(_stacks, {pk: stack for pk, stack in rows.items() if _is_whole(stack)})
    return found


def read_ahead() -> None:
    """Reads all rows there are, before anybody asks; leaves it where they are too many to be kept."""
    if Layer.objects.count() <= MOST_ROWS and Chain.objects.count() <= MOST_ROWS:
        _layers.update(_read_layers(Layer.objects.all()))
        _chains.update(_read_chains(Chain.objects.all()))
    if Image.objects.count() <= MOST_ROWS:
        stacks = dict(_read_stacks(ImageLayer.objects.all()))
        _stacks.update((pk, stack) for pk, stack in stacks.items() if _is_whole(stack))


def forget() -> None:
    """For tests, whose databases give primary keys again."""
    _layers.clear()
    _chains.clear()
    _stacks.clear()


def _at_hand(
    known: dict[int, Row], pks: Collection[int], read: Callable[[Sequence[int]], Iterable[tuple[int, Row]]]
) -> dict[int, Row]:
    kept = ((pk, known.get(pk)) for pk in pks)  # another thread may clear it meanwhile
    found = {pk: row for pk, row in kept if row is not None}
    lacking = [pk for pk in pks if pk not in found]
    for start in range(0, len(lacking), A_QUERY):
        # By their keys: told by a subquery, PostgreSQL may choose a plan of minutes before it has statistics.
        rows = dict(read(lacking[start : start + A_QUERY]))
        _keep(known, rows)
        found.update(rows)
    return found


def _keep(known: dict[int, Row], rows: Mapping[int, Row]) -> None:
    if len(known) + len(rows) > MOST_ROWS:
        known.clear()
    known.update(rows)


def _is_whole(stack: ScopeStack) -> bool:
    """Nothing of it is still to come."""
    return None not in stack.layers and len(stack.chains) == len(stack.layers)


def _read_stacks(rows: QuerySet[ImageLayer]) -> Iterator[tuple[int, ScopeStack]]:
    columns = rows.order_by("image_id", "index").values_list("image_id", "layer_id", "chain_id")
    for pk, group in groupby(columns, itemgetter(0)):
        _, layers, chains = zip(*group, strict=True)
        yield pk, ScopeStack(layers, tuple(chain for chain in chains if chain is not None))


def _read_layers(rows: QuerySet[Layer]) -> Iterable[tuple[int, ScopeLayer]]:
    columns = ("pk", "diff_id", "size", "kinds__file", "entries", "tar_size")
    for pk, diff_id, size, files, entries, tar_size in rows.values_list(*columns):
        yield pk, ScopeLayer(diff_id, size, files or 0, entries, tar_size)


def _read_chains(rows: QuerySet[Chain]) -> Iterable[tuple[int, ScopeChain]]:
    waste = sum((F(f"waste_{cause}") for cause in CAUSES[1:]), F(f"waste_{CAUSES[0]}"))
    for pk, *row in rows.values_list("pk", "chain_id", "parent_id", "layer_id", "depth", "size", waste):
        yield pk, ScopeChain(*row)
