"""Which savings to tell: the greatest, and what they come to together where they are about the same bytes."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Saving(Protocol):
    """`size` in bytes; `units` are what these bytes lie in (layers): who shares none with another saves other bytes."""

    @property
    def size(self) -> int: ...

    @property
    def units(self) -> frozenset[Hashable]: ...


S = TypeVar("S", bound=Saving)


@dataclass(frozen=True, slots=True)
class Picked(Generic[S]):
    """A saving, and the places (from 0) of the greater ones that are about some of the same units."""

    saving: S
    overlaps: tuple[int, ...]


def greatest(savings: Iterable[S], most: int) -> list[Picked[S]]:
    """The `most` greatest, the greatest first; those that save nothing are left out. Of equal ones the first comes."""
    chosen = sorted((saving for saving in savings if saving.size > 0), key=lambda saving: -saving.size)[:most]
    return [
        Picked(saving, tuple(place for place in range(index) if chosen[place].units & saving.units))
        for index, saving in enumerate(chosen)
    ]


def together(picked: Sequence[Picked[S]]) -> int:
    """Bytes that all of them save at least: of those that are about the same units only the greater counts.

    A lower bound: two savings in one layer may well be about different bytes of it.
    """
    counted: list[int] = []
    for index, item in enumerate(picked):
        if not set(item.overlaps) & set(counted):
            counted.append(index)
    return sum(picked[index].saving.size for index in counted)
