"""The layers as places to look from, where there are too many for all to be links."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

AROUND = 16  # layers on either side of the one that is looked from
JUMPS = 12  # of the others, evenly spread


class Level(Protocol):
    @property
    def current(self) -> bool:
        """Whether one looks from it now."""


T = TypeVar("T", bound=Level)


def reachable(levels: Sequence[T]) -> list[T | None]:
    """All of them, or those near the current one, the ends and some between; None stands for a gap."""
    last = len(levels) - 1
    if last < 2 * AROUND + JUMPS:
        return list(levels)
    current = next((at for at, level in enumerate(levels) if level.current), last)
    kept = {0, last, *range(0, last, -(-last // JUMPS))}
    kept.update(range(max(current - AROUND, 0), min(current + AROUND, last) + 1))
    found: list[T | None] = []
    for at in sorted(kept):
        if at and at - 1 not in kept:
            found.append(None)
        found.append(levels[at])
    return found
