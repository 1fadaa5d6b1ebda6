"""Families of images, what they share, and the order in which they stand: each against a plain oracle."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.clustering import clustered
from analyzer.sharing.families import Family, families
from analyzer.sharing.forest import Forest, Node, Place
from analyzer.sharing.matrix import by_chains, by_sets, reordered, shares
from tests.sharing.test_forest import forests

Ends = dict[int, list[int]]


def ends_of(forest: Forest) -> Ends:
    """Images are numbered; each chain has as many as its node says."""
    return {key: [key * 10 + number for number in range(node.ends)] for key, node in forest.nodes.items() if node.ends}


def chain_of(image: int) -> int:
    return image // 10


def shared(forest: Forest, one: int, other: int) -> int:
    """Plainly: the sizes of the chains that both images stand on."""
    both = set(forest.path(chain_of(one))) & set(forest.path(chain_of(other)))
    return sum(forest.nodes[key].size for key in both)


@given(forests(), st.integers(1, 20))
def test_each_image_is_in_one_row_and_there_are_never_too_many(forest: Forest, most: int) -> None:
    ends = ends_of(forest)
    rows = families(forest, ends, Place(), most)
    assert len(rows) <= most
    everyone = [image for key in forest.walk(forest.at(Place())) for image in ends.get(key, ())]
    assert [image for row in rows for image in row.images] == everyone
    assert all((row.place is None) == (len(row.images) == 1) for row in rows)


@given(forests(), st.integers(1, 20))
def test_every_image_of_a_row_shares_so_much_with_every_image_of_another(forest: Forest, most: int) -> None:
    rows = families(forest, ends_of(forest), Place(), most)
    matrix = by_chains(forest, [row.on for row in rows])
    for first, second in combinations(range(len(rows)), 2):
        for one in rows[first].images:
            for other in rows[second].images:
                assert matrix[first][second] == matrix[second][first] == shared(forest, one, other)


@given(forests(), st.integers(1, 6))
def test_a_family_opens_into_its_own_images(forest: Forest, most: int) -> None:
    ends = ends_of(forest)
    for row in families(forest, ends, Place(), most):
        if row.place is not None and row.place != Place():
            inside = families(forest, ends, row.place, 1000)
            assert sorted(image for part in inside for image in part.images) == sorted(row.images)
            assert all(part.place is None for part in inside)


def test_the_largest_families_are_taken_apart_first() -> None:
    nodes = [Node(1, None, 10), Node(2, 1, 10, 1), Node(3, 1, 5), Node(9, None, 30, 1)]
    forest = Forest([*nodes, *(Node(key, 3, 1, 1) for key in range(4, 8))])
    rows = families(forest, ends_of(forest), Place(), 3)
    assert [(row.images, row.on, row.place) for row in rows] == [
        ([90], 9, None),
        ([20], 2, None),
        ([40, 50, 60, 70], 3, Place(3)),
    ]
    assert [row.images for row in families(forest, ends_of(forest), Place(), 5)][2:] == [[40], [50], [60, 70]]


def test_what_has_no_room_stands_together_and_opens_where_it_begins() -> None:
    forest = Forest([Node(0, None, 50), *(Node(key, 0, 100 - key, 1) for key in range(1, 8))])
    rows = families(forest, ends_of(forest), Place(0, 0), 3)
    assert [(row.images, row.on, row.place) for row in rows] == [
        ([10], 1, None),
        ([20], 2, None),
        ([30, 40, 50, 60, 70], 0, Place(0, 2)),
    ]
    opened = families(forest, ends_of(forest), Place(0, 2), 3)
    assert [row.images for row in opened] == [[30], [40], [50, 60, 70]]


@given(st.lists(st.frozensets(st.integers(0, 12)), max_size=12))
def test_what_sets_share_is_the_size_of_what_both_have(rows: list[frozenset[int]]) -> None:
    matrix = by_sets(rows, lambda key: key * 7 + 1)
    for first, one in enumerate(rows):
        for second, other in enumerate(rows):
            assert matrix[first][second] == sum(key * 7 + 1 for key in one & other)


@given(forests())
def test_clustering_what_chains_share_keeps_the_families_of_the_forest_together(forest: Forest) -> None:
    rows = [row.on for row in families(forest, ends_of(forest), Place(), 1000)]
    matrix = by_chains(forest, rows)
    order = clustered(matrix)
    assert sorted(order) == list(range(len(rows)))
    place = {index: position for position, index in enumerate(order)}
    for level in {figure for line in matrix for figure in line}:
        for line in matrix:
            family = sorted(place[index] for index, figure in enumerate(line) if figure >= level)
            assert not family or level > max(line) or family == list(range(family[0], family[-1] + 1))


@given(st.lists(st.integers(0, 9), min_size=0, max_size=10))
def test_every_index_has_its_place_whatever_the_likeness(values: list[int]) -> None:
    likeness = [[min(one, other) / 10 for other in values] for one in values]
    assert sorted(clustered(likeness)) == list(range(len(values)))


def test_the_alike_stand_beside_each_other() -> None:
    likeness = [[1.0, 0.1, 0.9, 0.0], [0.1, 1.0, 0.1, 0.8], [0.9, 0.1, 1.0, 0.2], [0.0, 0.8, 0.2, 1.0]]
    assert clustered(likeness) == [0, 2, 1, 3]


def test_a_share_is_of_the_smaller_and_nothing_of_what_is_empty() -> None:
    assert shares([[4, 2], [2, 8]], [4, 8]) == [[1.0, 0.5], [0.5, 1.0]]
    assert shares([[0, 0], [0, 8]], [0, 8]) == [[0.0, 0.0], [0.0, 1.0]]
    assert reordered([[1, 2], [3, 4]], [1, 0]) == [[4, 3], [2, 1]]


def test_a_family_that_was_not_taken_apart_is_its_own_row() -> None:
    assert list(Family([1], 1).rows()) == [Family([1], 1)]
