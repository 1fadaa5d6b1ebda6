"""What images add up to and what sharing saves: sums over who holds what.

A holder (an image, a team) holds units (layers by diffID, chains by chainID, blobs by digest); a unit has a size in
bytes. Which key the units have decides whose disk a sum is about: chains are what an engine's disk holds, layers what
this store holds. Nothing here knows more of them than that they can be told apart.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

Holder = TypeVar("Holder", bound=Hashable)
Unit = TypeVar("Unit", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The dedup ladder: the sizes added up, then each chain once, each layer once, each content once. Bytes."""

    naive: int
    chains: int
    layers: int
    contents: int | None  # None while it is not counted

    def saving(self, step: int) -> int:
        """Bytes that a step saves of naive."""
        return self.naive - step

    def ratio(self, step: int) -> float | None:
        """naive ÷ step; None where nothing is left to divide by."""
        return self.naive / step if step else None


def added_up(holds: Mapping[Holder, Iterable[Unit]], size: Mapping[Unit, int]) -> int:
    """Every unit counted each time it is held, twice if a holder names it twice: the naive sum."""
    return sum(size[unit] for units in holds.values() for unit in units)


def once(holds: Mapping[Holder, Iterable[Unit]], size: Mapping[Unit, int]) -> int:
    """Every unit that is held counted once."""
    return sum(size[unit] for unit in {unit for units in holds.values() for unit in units})


def holders(holds: Mapping[Holder, Iterable[Unit]]) -> Counter[Unit]:
    """How many hold each unit; a holder that names it twice is one."""
    return Counter(unit for units in holds.values() for unit in set(units))


def shared(holds: Mapping[Holder, Iterable[Unit]], size: Mapping[Unit, int]) -> dict[Holder, int]:
    """Bytes of each holder's units that another one holds too. By chain, `docker system df -v` has the same."""
    count = holders(holds)
    return {holder: sum(size[unit] for unit in set(units) if count[unit] > 1) for holder, units in holds.items()}


def freed(
    chosen: Collection[Holder], holds: Mapping[Holder, Iterable[Unit]], size: Mapping[Unit, int]
) -> dict[Unit, int]:
    """What goes when all of `chosen` go: the units that nobody else holds, with their sizes.

    More than their unique bytes added up: what is shared only among the chosen goes too. Of `chosen` that hold
    nothing here, nothing goes.
    """
    going = {unit for holder in chosen if holder in holds for unit in holds[holder]}
    leaving = set(chosen)
    for holder, units in holds.items():
        if holder not in leaving:
            going.difference_update(units)
    return {unit: size[unit] for unit in going}


def fair_costs(holds: Mapping[Holder, Iterable[Unit]], size: Mapping[Unit, int]) -> dict[Holder, int]:
    """The size of each unit divided by how many hold it, summed for each holder, in whole bytes.

    The parts of a byte are settled by largest remainder (of equal ones the first holder's is rounded up), so that
    the costs add up to `once` exactly.
    """
    count = holders(holds)
    exact: dict[Holder, Fraction] = {}
    for holder, units in holds.items():
        by_count: Counter[int] = Counter()
        for unit in set(units):
            by_count[count[unit]] += size[unit]
        exact[holder] = sum((Fraction(total, among) for among, total in by_count.items()), Fraction())
    costs = {holder: int(cost) for holder, cost in exact.items()}
    left = once(holds, size) - sum(costs.values())
    by_remainder = sorted(exact, key=lambda holder: costs[holder] - exact[holder])
    for holder in by_remainder[:left]:
        costs[holder] += 1
    return costs
