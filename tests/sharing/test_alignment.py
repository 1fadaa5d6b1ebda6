"""Two images' layers side by side: each layer once, what is the same found first, near misses by their bytes."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.alignment import Pairing, Relation, align


def never(one: int, other: int) -> None:
    return None


def told(pairs: list[Pairing[str]]) -> list[tuple[str, int | None, int | None]]:
    return [(pair.relation.value, pair.first, pair.second) for pair in pairs]


def test_what_both_stand_on_is_the_same_and_what_comes_above_is_new_or_gone():
    assert told(align(["a", "b", "x"], ["a", "b", "y", "z"], never)) == [
        ("same", 0, 0),
        ("same", 1, 1),
        ("new", None, 2),
        ("new", None, 3),
        ("gone", 2, None),
    ]


def test_a_layer_on_other_layers_has_moved():
    assert told(align(["a", "b", "c"], ["a", "n", "c"], never)) == [
        ("same", 0, 0),
        ("new", None, 1),
        ("gone", 1, None),
        ("moved", 2, 2),
    ]


def test_a_layer_that_stands_twice_is_paired_once_for_each_time():
    assert told(align(["a", "e", "e"], ["b", "e", "a"], never)) == [
        ("new", None, 0),
        ("moved", 1, 1),
        ("moved", 0, 2),
        ("gone", 2, None),
    ]


def test_of_near_layers_those_with_most_in_common_are_paired():
    common = {(1, 1): 10, (1, 2): 30, (2, 2): 20}

    def near(one: int, other: int) -> tuple[int, str] | None:
        return (common[one, other], f"{one}{other}") if (one, other) in common else None

    pairs = align(["a", "b", "c"], ["a", "x", "y"], near)
    assert told(pairs) == [("same", 0, 0), ("new", None, 1), ("near", 1, 2), ("gone", 2, None)]
    assert pairs[2].kinship == "12"


def test_layers_that_are_the_same_are_never_asked_about():
    def near(one: int, other: int) -> None:
        raise AssertionError((one, other))

    assert len(align(["a", "b"], ["b", "a"], near)) == 2


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")), st.integers(0, 99))
def test_every_layer_stands_there_exactly_once(first: list[str], second: list[str], seed: int):
    def near(one: int, other: int) -> tuple[int, int] | None:
        weight = (one * 7 + other * 13 + seed) % 5
        return (weight, weight) if weight else None

    pairs = align(first, second, near)
    assert sorted(pair.first for pair in pairs if pair.first is not None) == list(range(len(first)))
    assert [pair.second for pair in pairs if pair.second is not None] == list(range(len(second)))
    same = sum(pair.relation is Relation.SAME for pair in pairs)
    assert first[:same] == second[:same]
    assert first[same : same + 1] != second[same : same + 1] or not first[same:] or not second[same:]
    both = sum((Counter(first) & Counter(second)).values())
    assert sum(pair.relation in {Relation.SAME, Relation.MOVED} for pair in pairs) == both
    for pair in pairs:
        equal = pair.first is not None and pair.second is not None and first[pair.first] == second[pair.second]
        assert equal == (pair.relation in {Relation.SAME, Relation.MOVED})
