"""Which layers of a long chain are one click away."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from analyzer.web.levels import AROUND, JUMPS, reachable


@dataclass(frozen=True)
class Place:
    number: int
    current: bool


@pytest.mark.parametrize("current", [0, 1, 99, 253, 254])
def test_the_ends_the_neighbours_and_some_between_are_reached_in_order_with_gaps_marked(current: int):
    shown = reachable([Place(number, number == current) for number in range(255)])
    numbers = [place.number for place in shown if place]
    assert numbers == sorted(set(numbers))
    assert {0, 254, *range(max(current - AROUND, 0), min(current + AROUND, 254) + 1)} <= set(numbers)
    assert len(numbers) <= 2 * AROUND + JUMPS + 3
    assert shown.count(None) == sum(b - a > 1 for a, b in pairwise(numbers))


def test_a_short_chain_is_shown_whole():
    few = [Place(number, number == 3) for number in range(40)]
    assert reachable(few) == few
