"""Sums of sharing against a plain oracle: every byte is a thing of its own, and is counted by hand."""

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.savings import Ladder, added_up, fair_costs, freed, holders, once, shared

UNITS = "abcdefgh"
SIZES = st.fixed_dictionaries(dict.fromkeys(UNITS, st.integers(0, 40)))
HOLDS = st.dictionaries(st.integers(0, 7), st.lists(st.sampled_from(UNITS), max_size=6), max_size=7)

Holds = Mapping[int, list[str]]
Sizes = Mapping[str, int]


def disk(holds: Holds, size: Sizes) -> set[tuple[str, int]]:
    """Every byte that must lie on a disk on which these images lie, each as a thing of its own."""
    return {(unit, byte) for units in holds.values() for unit in units for byte in range(size[unit])}


@given(HOLDS, SIZES)
def test_once_is_the_bytes_on_the_disk_and_added_up_those_of_a_disk_for_each_use(holds: Holds, size: Sizes):
    assert once(holds, size) == len(disk(holds, size))
    uses = [(holder, at, unit) for holder, units in holds.items() for at, unit in enumerate(units)]
    assert added_up(holds, size) == sum(len(disk({holder: [unit]}, size)) for holder, _, unit in uses)
    assert added_up(holds, size) >= once(holds, size)


@given(HOLDS, SIZES)
def test_shared_bytes_are_those_that_some_other_image_needs_too(holds: Holds, size: Sizes):
    for holder, found in shared(holds, size).items():
        others = {other: units for other, units in holds.items() if other != holder}
        assert found == len(disk({holder: holds[holder]}, size) & disk(others, size))


@given(HOLDS, SIZES, st.sets(st.integers(0, 9)))
def test_what_is_freed_is_what_the_disk_loses(holds: Holds, size: Sizes, chosen: set[int]):
    kept = {holder: units for holder, units in holds.items() if holder not in chosen}
    assert sum(freed(chosen, holds, size).values()) == len(disk(holds, size)) - len(disk(kept, size))


@given(HOLDS, SIZES, st.sets(st.integers(0, 9)))
def test_a_set_frees_at_least_what_its_images_have_for_themselves(holds: Holds, size: Sizes, chosen: set[int]):
    of_others = shared(holds, size)
    alone = sum(once({holder: holds[holder]}, size) - of_others[holder] for holder in chosen if holder in holds)
    assert sum(freed(chosen, holds, size).values()) >= alone


@given(HOLDS, SIZES)
def test_fair_costs_are_whole_bytes_and_add_up_to_the_disk(holds: Holds, size: Sizes):
    costs = fair_costs(holds, size)
    assert all(type(cost) is int for cost in costs.values())
    assert sum(costs.values()) == once(holds, size)


@given(HOLDS, SIZES)
def test_a_fair_cost_is_less_than_a_byte_from_the_exact_one(holds: Holds, size: Sizes):
    for holder, cost in fair_costs(holds, size).items():
        exact = sum(
            (Fraction(1, sum(unit in units for units in holds.values())) for unit, _ in disk({0: holds[holder]}, size)),
            Fraction(),
        )
        assert abs(cost - exact) < 1


@given(HOLDS, SIZES)
def test_no_larger_remainder_is_rounded_down_than_one_that_is_rounded_up(holds: Holds, size: Sizes):
    costs = fair_costs(holds, size)
    count = holders(holds)
    exact = {
        holder: sum((Fraction(size[unit], count[unit]) for unit in set(units)), Fraction())
        for holder, units in holds.items()
    }
    up = [exact[holder] % 1 for holder in costs if costs[holder] > exact[holder]]
    down = [exact[holder] % 1 for holder in costs if costs[holder] < exact[holder]]
    assert not up or not down or min(up) >= max(down)


def test_fair_costs_divide_a_layer_of_ten_bytes_among_three():
    assert fair_costs({"web": "a", "data": "a", "lab": "a"}, {"a": 10}) == {"web": 4, "data": 3, "lab": 3}


def test_what_is_shared_only_inside_the_set_is_freed_too():
    holds, size = {"one": "ab", "two": "ac", "three": "d"}, {"a": 100, "b": 1, "c": 2, "d": 4}
    assert sum(freed(["one"], holds, size).values()) == 1
    assert freed(["one", "two"], holds, size) == {"a": 100, "b": 1, "c": 2}


def test_a_step_saves_what_it_is_less_than_naive():
    ladder = Ladder(naive=300, chains=120, layers=100, contents=None)
    assert (ladder.saving(ladder.layers), ladder.ratio(ladder.layers)) == (200, 3.0)
    assert Ladder(0, 0, 0, 0).ratio(0) is None
