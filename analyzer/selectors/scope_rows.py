"""The rows of layers and chains that scopes are made of, each read once a process.

A layer and a chain never change and their primary keys are never given again, so a row that was read is good for
ever; which of them a viewer gets is decided by the rows of images, which are read anew each time.
"""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple, TypeVar

from django.db.models import F, QuerySet

from analyzer.models import CAUSES, Chain, ImageLayer, Layer

Row = TypeVar("Row")
MOST_ROWS = 100_000
"""Rows of layers, and of chains, that a process keeps at hand: 300 bytes each."""


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


_layers: dict[int, ScopeLayer] = {}
_chains: dict[int, ScopeChain] = {}


def layers_at(pks: Collection[int], of: QuerySet[ImageLayer]) -> dict[int, ScopeLayer]:
    """The layers with these primary keys, which stand in the rows `of`. One query, none if all are at hand."""
    return _at_hand(_layers, pks, lambda: _read_layers(of))


def chains_at(pks: Collection[int], of: QuerySet[ImageLayer]) -> dict[int, ScopeChain]:
    """The chains with these primary keys, which stand in the rows `of`. One query, none if all are at hand."""
    return _at_hand(_chains, pks, lambda: _read_chains(of))


def read_ahead() -> None:
    """Reads all rows there are, before anybody asks; leaves it where they are too many to be kept."""
    if Layer.objects.count() <= MOST_ROWS and Chain.objects.count() <= MOST_ROWS:
        _layers.update(_read_layers(ImageLayer.objects.all()))
        _chains.update(_read_chains(ImageLayer.objects.all()))


def forget() -> None:
    """For tests, whose databases give primary keys again."""
    _layers.clear()
    _chains.clear()


def _at_hand(
    known: dict[int, Row], pks: Collection[int], read: Callable[[], Iterable[tuple[int, Row]]]
) -> dict[int, Row]:
    kept = ((pk, known.get(pk)) for pk in pks)  # another thread may clear it meanwhile
    found = {pk: row for pk, row in kept if row is not None}
    if len(found) < len(pks):
        rows = dict(read())
        if len(known) + len(rows) > MOST_ROWS:
            known.clear()
        known.update(rows)
        found = {pk: rows[pk] for pk in pks if pk in rows}
    return found


def _read_layers(of: QuerySet[ImageLayer]) -> Iterable[tuple[int, ScopeLayer]]:
    rows = Layer.objects.filter(pk__in=of.order_by().values("layer_id"))
    columns = ("pk", "diff_id", "size", "kinds__file", "entries", "tar_size")
    for pk, diff_id, size, files, entries, tar_size in rows.values_list(*columns):
        yield pk, ScopeLayer(diff_id, size, files or 0, entries, tar_size)


def _read_chains(of: QuerySet[ImageLayer]) -> Iterable[tuple[int, ScopeChain]]:
    waste = sum((F(f"waste_{cause}") for cause in CAUSES[1:]), F(f"waste_{CAUSES[0]}"))
    rows = Chain.objects.filter(pk__in=of.order_by().values("chain_id"))
    for pk, *row in rows.values_list("pk", "chain_id", "parent_id", "layer_id", "depth", "size", waste):
        yield pk, ScopeChain(*row)
