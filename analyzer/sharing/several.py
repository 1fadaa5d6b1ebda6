"""What several holders have together: the union, the intersection, what is in one alone, and in just these few.

A unit (a layer, a chain, a content) is told by its size and by who holds it: bit i of a mask for holder i.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

Unit = TypeVar("Unit", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Region:
    """The units that just the holders of `mask` have, and nobody else of them; their sizes added up, in bytes."""

    mask: int
    units: int
    size: int

    @property
    def members(self) -> tuple[int, ...]:
        """The holders, by their number."""
        return tuple(bit for bit in range(self.mask.bit_length()) if self.mask >> bit & 1)


@dataclass(frozen=True)
class Together:
    """Regions share nothing, so they add up: to the union, and those of a holder to what it has. Bytes."""

    number: int  # of holders
    regions: tuple[Region, ...]  # the greatest first

    @cached_property
    def union(self) -> int:
        return sum(region.size for region in self.regions)

    @cached_property
    def intersection(self) -> int:
        """What all of them hold."""
        return self._of((1 << self.number) - 1)

    def held(self, holder: int) -> int:
        """What one of them holds."""
        return sum(region.size for region in self.regions if region.mask >> holder & 1)

    def unique(self, holder: int) -> int:
        """What it alone holds."""
        return self._of(1 << holder)

    def _of(self, mask: int) -> int:
        return next((region.size for region in self.regions if region.mask == mask), 0)


def masks(holds: Sequence[Collection[Unit]]) -> dict[Unit, int]:
    """Who holds each unit."""
    found: dict[Unit, int] = {}
    for number, units in enumerate(holds):
        for unit in units:
            found[unit] = found.get(unit, 0) | 1 << number
    return found


def sized(held: Mapping[Unit, int], sizes: Mapping[Unit, int]) -> Iterator[tuple[int, int]]:
    """Mask and size of each unit."""
    return ((mask, sizes[unit]) for unit, mask in held.items())


def together(units: Iterable[tuple[int, int]], number: int) -> Together:
    """The regions of these units (mask, size), each of which is held by someone of `number` holders."""
    counts: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for mask, size in units:
        counts[mask] = counts.get(mask, 0) + 1
        sizes[mask] = sizes.get(mask, 0) + size
    regions = (Region(mask, counts[mask], sizes[mask]) for mask in counts)
    return Together(number, tuple(sorted(regions, key=lambda region: (-region.size, -region.units, region.mask))))
