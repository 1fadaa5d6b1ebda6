"""Which images to delete: what the choice promises, against every set there is."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing import deleting
from analyzer.sharing.deleting import to_free

LETTERS = "abcdefgh"
SIZES = {letter: (index * 37) % 11 for index, letter in enumerate(LETTERS)}


def freed(chosen: Iterable[int], holds: Mapping[int, Iterable[str]], size: Mapping[str, int]) -> int:
    """Bytes of the units that only the chosen hold."""
    going = set(chosen)
    kept = {unit for holder, units in holds.items() if holder not in going for unit in units}
    return sum(size[unit] for unit in {unit for holder in going for unit in holds[holder]} - kept)


def gone(chosen: Iterable[int], holds: Mapping[int, str]) -> int:
    return freed(chosen, holds, SIZES)


def fewest(wanted: int, candidates: list[int], holds: Mapping[int, str]) -> tuple[int, ...]:
    """The best set, by trying them all: as few as can be, and of those the one whose newest are the oldest."""
    for number in range(len(candidates) + 1):
        sets = [found for found in combinations(candidates, number) if gone(found, holds) >= wanted]
        if sets:
            return min(sets, key=lambda found: found[::-1])
    return tuple(candidates)


collections = st.lists(st.text(LETTERS, max_size=4), min_size=1, max_size=7).map(lambda stacks: dict(enumerate(stacks)))


@given(collections, st.integers(1, 40), st.sets(st.integers(0, 6)))
def test_among_few_candidates_no_set_is_smaller_and_the_oldest_are_meant(
    holds: dict[int, str], wanted: int, staying: set[int]
):
    candidates = [holder for holder in holds if holder not in staying]
    chosen = to_free(wanted, candidates, holds, SIZES)
    if gone(candidates, holds) > wanted:
        assert tuple(chosen) == fewest(wanted, candidates, holds)
    else:
        assert gone(chosen, holds) == gone(candidates, holds)


@given(collections, st.integers(1, 40))
def test_among_many_it_frees_enough_and_no_image_can_be_spared(holds: dict[int, str], wanted: int):
    groups = deleting._groups(list(holds), holds, SIZES)
    able = sorted({holder for group in groups for holder in group})
    if sum(groups.values()) < wanted:
        return
    picked = deleting._greedy(wanted, able, groups)
    chosen = deleting._spared(wanted, [holder for holder in able if holder in picked], groups)
    assert gone(chosen, holds) >= wanted
    for holder in chosen:
        assert gone(set(chosen) - {holder}, holds) < wanted
    # Not always the fewest, but never far off on collections as small as these.
    assert len(chosen) <= 2 * len(fewest(wanted, list(holds), holds))


def test_a_base_in_use_is_not_chosen_without_all_that_stand_on_it():
    holds = {0: "b", 1: "bx", 2: "by"}
    size = {"b": 1000, "x": 10, "y": 20}
    assert to_free(15, list(holds), holds, size) == [2]
    assert to_free(31, list(holds), holds, size) == [0, 1, 2]
    assert to_free(31, [0, 1], holds, size) == [1]  # 2 must stay, so the base stays


def test_of_images_that_free_the_same_the_oldest_goes():
    holds = {old: (f"{old}",) for old in range(20)}
    size = {f"{old}": 5 for old in range(20)}
    assert to_free(10, list(holds), holds, size) == [0, 1]


def test_nothing_is_deleted_for_nothing():
    assert to_free(0, [0], {0: "a"}, SIZES) == []
    assert to_free(5, [], {}, SIZES) == []


def test_layers_shared_only_among_the_chosen_count():
    holds = {number: "shared" if number < 3 else f"own{number}" for number in range(30)}
    units = {number: (word,) for number, word in holds.items()}
    size = {"shared": 400} | {f"own{number}": 100 for number in range(3, 30)}
    assert to_free(400, list(units), units, size) == [0, 1, 2]


def test_a_thousand_images_are_chosen_from_at_once():
    random = Random(5)
    holds = {image: [f"base{random.randrange(40)}", *(f"own{image}-{n}" for n in range(3))] for image in range(1000)}
    size = {unit: random.randrange(1, 10**8) for units in holds.values() for unit in units}
    wanted = sum(size.values()) // 2
    chosen = to_free(wanted, list(holds), holds, size)
    assert freed(chosen, holds, size) >= wanted
    assert len(chosen) < 500
