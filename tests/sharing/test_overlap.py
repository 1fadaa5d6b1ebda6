"""What two layers have in common, and the few files that keep them apart, against trying every choice."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.overlap import MOST_ASIDE, Differing, Files, is_near, near_overlap


def layer(*files: tuple[str, str, int]) -> Files:
    """Files as (path, content, bytes)."""
    rows = sorted((path.encode(), content.encode(), size) for path, content, size in files)
    return Files(
        {content: size for _, content, size in rows},
        [path for path, _, _ in rows],
        [content for _, content, _ in rows],
    )


def test_the_share_is_of_the_larger_layer():
    met = near_overlap(layer(("a", "x", 95)), layer(("a", "x", 95), ("b", "y", 5)))
    assert met is not None
    assert (met.common, met.larger, met.rest, met.aside) == (95, 100, 100, ())
    assert met.differing == (Differing(b"b", 0, 5),)


def test_nine_tenths_to_the_byte_are_near():
    ten = [(f"b{number}", f"y{number}", 1) for number in range(10)]
    met = near_overlap(layer(("a", "x", 90)), layer(("a", "x", 90), *ten))
    assert met is not None
    assert not met.aside
    assert is_near(900, 1000)
    assert not is_near(899, 1000)


def test_the_fewest_files_are_set_aside_and_named_the_heaviest_first():
    mine = layer(("cache", "c1", 200), ("index", "i1", 80), ("lib", "x", 900), ("log", "l1", 3))
    other = layer(("cache", "c2", 210), ("index", "i2", 70), ("lib", "x", 900), ("log", "l2", 2))
    met = near_overlap(mine, other)
    assert met is not None
    assert met.aside == (Differing(b"cache", 200, 210),)
    assert [item.path for item in met.differing] == [b"cache", b"index", b"log"]
    assert (met.common, met.larger, met.rest) == (900, 1183, 983)


def test_eleven_heavy_files_are_too_many():
    heavy = [(f"f{number}", f"{{}} {number}", 100) for number in range(MOST_ASIDE + 1)]
    mine, other = (layer(("lib", "x", 500), *((p, c.format(s), n) for p, c, n in heavy)) for s in "ab")
    assert near_overlap(mine, other) is None
    mine, other = (layer(("lib", "x", 500), *((p, c.format(s), n) for p, c, n in heavy[1:])) for s in "ab")
    met = near_overlap(mine, other)
    assert met is not None
    assert len(met.aside) == MOST_ASIDE


def test_a_content_counts_once_however_often_a_layer_has_it():
    met = near_overlap(layer(("a", "x", 100), ("b", "x", 100)), layer(("a", "x", 100)))
    assert met is not None
    assert (met.common, met.first, met.second) == (100, 100, 100)


def test_nothing_in_common_is_not_near():
    assert near_overlap(layer(("a", "x", 100)), layer(("a", "y", 100))) is None
    assert near_overlap(layer(), layer()) is None


SIZES = st.integers(0, 40)
CONTENTS = st.sampled_from("abcdefghijkl")


@st.composite
def two_layers(draw: st.DrawFn) -> tuple[Files, Files]:
    sizes = {content: draw(SIZES) for content in "abcdefghijkl"}
    paths = st.dictionaries(st.sampled_from("123456789"), CONTENTS, max_size=7)
    first, second = (layer(*((path, content, sizes[content]) for path, content in draw(paths).items())) for _ in "ab")
    return first, second


@given(two_layers())
def test_no_other_choice_of_as_many_files_leaves_more_in_common(pair: tuple[Files, Files]):
    first, second = pair
    met = near_overlap(first, second)
    shared = first.contents.keys() & second.contents.keys()
    common = sum(first.contents[content] for content in shared)
    if met is None:
        assert not common or not MOST_ASIDE  # seven files at most: setting all of them aside would do
        return
    assert met.common == common
    assert sum(item.first for item in met.differing) == met.first - common
    assert sum(item.second for item in met.differing) == met.second - common

    def left(choice: tuple[Differing, ...]) -> int:
        return max(met.first - sum(item.first for item in choice), met.second - sum(item.second for item in choice))

    for number in range(len(met.aside)):
        assert not any(is_near(common, left(choice)) for choice in combinations(met.differing, number))
    assert met.rest == min(left(choice) for choice in combinations(met.differing, len(met.aside)))
