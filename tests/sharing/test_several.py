"""What several holders have together, against sets."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.several import Region, masks, sized, together

SIZES = {unit: 1 << place for place, unit in enumerate("abcdefgh")}


def test_regions_are_what_just_these_hold():
    found = together(sized(masks(["abc", "bcd", "c"]), SIZES), 3)
    assert found.regions == (Region(0b10, 1, 8), Region(0b111, 1, 4), Region(0b11, 1, 2), Region(0b1, 1, 1))
    assert (found.union, found.intersection) == (15, 4)
    assert [found.held(holder) for holder in range(3)] == [7, 14, 4]
    assert [found.unique(holder) for holder in range(3)] == [1, 8, 0]
    assert found.regions[2].members == (0, 1)


def test_nobody_holds_nothing():
    assert (together([], 0).union, together([], 2).intersection) == (0, 0)


@given(st.lists(st.frozensets(st.sampled_from("abcdefgh")), min_size=1, max_size=6))
def test_union_intersection_and_unique_are_those_of_sets(holds: list[frozenset[str]]):
    found = together(sized(masks(holds), SIZES), len(holds))

    def size(units: frozenset[str]) -> int:
        return sum(SIZES[unit] for unit in units)

    assert found.union == size(frozenset().union(*holds))
    assert found.intersection == size(holds[0].intersection(*holds))
    for holder, units in enumerate(holds):
        others = frozenset().union(*(other for index, other in enumerate(holds) if index != holder))
        assert found.held(holder) == size(units)
        assert found.unique(holder) == size(units - others)
    assert sum(region.units for region in found.regions) == len(frozenset().union(*holds))
