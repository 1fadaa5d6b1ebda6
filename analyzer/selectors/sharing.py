"""Who shares what in a scope: layers by how many images hold them, teams by what they hold, growth day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date

from analyzer.models import Team
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors.overview import Growth
from analyzer.selectors.scope import Scope
from analyzer.selectors.scope_facts import once_a_scope
from analyzer.sharing.savings import added_up, fair_costs, once

MOST_ROWS = 12
"""Numbers of holders that have a row each; more are grouped by powers of two."""


@dataclass(frozen=True, slots=True)
class Held:
    """The layers that `low` to `high` images hold. `stored` is their sizes, `naive` each times its uses. Bytes."""

    low: int
    high: int
    layers: int
    stored: int
    naive: int

    @property
    def key(self) -> str:
        """As the address names them: `4`, `5-8`."""
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


@dataclass(frozen=True, slots=True)
class HeldLayer:
    """A layer, and how many images of the scope hold it."""

    diff_id: str
    size: int
    images: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """A team in a scope: its images' sizes added up, its layers once, and its fair part of the disk. Bytes."""

    team: Team
    images: int
    naive: int
    stored: int
    fair_cost: int


@dataclass(frozen=True, slots=True)
class Day:
    """What came in on a day (UTC): image sizes added up, and the layers that were new. Then all up to its end."""

    day: date
    images: int
    logical: int
    new: int
    logical_after: int
    stored_after: int


@once_a_scope
def held_layers(scope: Scope) -> list[HeldLayer]:
    """Every layer of the scope's whole images but the empty one, those of most images first, then the largest."""
    names: dict[int, list[str]] = {}
    for image in scope.whole:
        for pk in {pk for pk in image.layers if pk is not None}:
            names.setdefault(pk, []).append(image.name)
    found = [
        HeldLayer(layer.diff_id, layer.size, len(by), tuple(sorted(by)))
        for layer, by in ((scope.layers[pk], by) for pk, by in names.items())
        if layer.diff_id != EMPTY_LAYER_DIFF_ID
    ]
    return sorted(found, key=lambda item: (-item.images, -item.size, item.diff_id))


def histogram_of(layers: Sequence[HeldLayer]) -> list[Held]:
    """The layers by how many images hold them, the most first."""
    one_by_one = len({item.images for item in layers}) <= MOST_ROWS
    grouped: dict[tuple[int, int], list[HeldLayer]] = {}
    for item in layers:
        high = item.images if one_by_one or item.images <= 2 else 1 << (item.images - 1).bit_length()
        low = high if one_by_one or high <= 2 else high // 2 + 1
        grouped.setdefault((low, high), []).append(item)
    return [
        Held(low, high, len(some), sum(item.size for item in some), sum(item.size * item.images for item in some))
        for (low, high), some in sorted(grouped.items(), reverse=True)
    ]


def owners_of(scope: Scope, teams: Sequence[Team]) -> list[Owner]:
    """Those of `teams` that hold whole images of the scope, by fair cost. Their fair costs add up to the disk."""
    names = {team.name for team in teams}
    pks: dict[str, list[int]] = {name: [] for name in names}
    for image in scope.whole:
        for name in names.intersection(image.teams):
            pks[name].append(image.pk)
    layers = {name: [layer for pk in held for layer in scope.layers_held[pk]] for name, held in pks.items()}
    costs = fair_costs(layers, scope.layer_sizes)
    owners = [
        Owner(
            team=team,
            images=len(pks[team.name]),
            naive=added_up({0: layers[team.name]}, scope.layer_sizes),
            stored=once({0: layers[team.name]}, scope.layer_sizes),
            fair_cost=costs[team.name],
        )
        for team in teams
        if pks[team.name]
    ]
    return sorted(owners, key=lambda owner: (-owner.fair_cost, owner.team.name))


def days_of(growth: Sequence[Growth]) -> list[Day]:
    """Growth day by day, the first day first; days on which nothing came in are left out."""
    days: list[Day] = []
    for item in growth:
        day = item.at.astimezone(UTC).date()
        known = days.pop() if days and days[-1].day == day else None
        before = days[-1] if days else Day(day, 0, 0, 0, 0, 0)
        days.append(
            Day(
                day=day,
                images=(known.images if known else 0) + 1,
                logical=item.logical - before.logical_after,
                new=item.stored - before.stored_after,
                logical_after=item.logical,
                stored_after=item.stored,
            )
        )
    return days
