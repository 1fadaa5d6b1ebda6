"""The greatest savings, and what they come to together."""

from collections.abc import Hashable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.picking import greatest, together


@dataclass(frozen=True)
class Saving:
    size: int
    units: frozenset[Hashable]


def saving(size: int, *units: str) -> Saving:
    return Saving(size, frozenset(units))


def test_the_greatest_come_first_and_what_saves_nothing_is_left_out():
    found = greatest([saving(1, "a"), saving(0, "b"), saving(5, "c"), saving(3, "d")], 2)
    assert [item.saving.size for item in found] == [5, 3]


def test_savings_in_the_same_layer_are_never_added_up():
    found = greatest([saving(50, "a", "b"), saving(40, "b", "c"), saving(30, "c"), saving(20, "d")], 5)
    assert [item.overlaps for item in found] == [(), (0,), (1,), ()]
    assert together(found) == 50 + 30 + 20


@given(
    st.lists(st.builds(Saving, st.integers(0, 90), st.frozensets(st.sampled_from("abcdefgh"), min_size=1))),
    st.integers(0, 6),
)
def test_together_is_the_sum_of_savings_that_share_nothing(savings: list[Saving], most: int):
    found = greatest(savings, most)
    assert len(found) == min(most, sum(1 for item in savings if item.size))
    counted: set[Hashable] = set()
    total = 0
    for item in found:
        if not item.saving.units & counted:
            counted |= item.saving.units
            total += item.saving.size
    assert together(found) == total
    assert together(found) <= sum(item.saving.size for item in found)
