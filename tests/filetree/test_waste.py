"""Dead entries, each with one cause and one hider; bytes that add up."""

import pytest

from analyzer.filetree.waste import Cause, efficiency
from tests.filetree.stacks import MIB, Entry, causes, file, folder, mount, opaque, symlink, whiteout

HUNDRED = 100 * MIB


@pytest.mark.parametrize(
    ("upper", "cause"),
    [
        ([file("d/big", HUNDRED, content="other")], Cause.SUPERSEDED),
        ([whiteout("d/big")], Cause.DELETED),
        ([whiteout("d")], Cause.PARENT_DELETED),
        ([opaque("d")], Cause.OPAQUE),
        ([file("d")], Cause.TYPE_CHANGED),
    ],
    ids=["overwritten", "deleted", "rm -rf of its folder", "folder emptied", "folder became a file"],
)
def test_100_mb_that_a_later_layer_hides_are_100_mb_of_waste(upper: list[Entry], cause: Cause) -> None:
    chain, (_, diff) = mount([folder("d"), file("d/big", HUNDRED), file("kept", MIB)], upper)
    assert {name: size for name, size in chain.waste.items() if size} == {cause: HUNDRED}
    assert chain.merged_size == chain.size - HUNDRED
    assert diff.dead_bytes == chain.waste


def test_the_cause_of_each_entry_is_one_and_its_hider_the_first_layer_without_it() -> None:
    assert causes(
        [folder("d"), file("d/one"), file("d/two"), file("e/one"), file("f"), symlink("g", "f")],
        [file("d/one", 2)],
        [whiteout("d"), opaque("e"), file("g")],
        [whiteout("d"), file("f/x")],
    ) == {
        "d": ("deleted", 2),
        "d/one": ("parent_deleted", 2),  # the second one; the first died superseded, in layer 1
        "d/two": ("parent_deleted", 2),
        "e/one": ("opaque", 2),
        "f": ("type_changed", 3),
        "g": ("type_changed", 2),
    }


def test_a_file_hidden_by_a_marker_and_brought_again_died_of_opaque() -> None:
    assert causes([file("d/a", 1)], [opaque("d"), file("d/a", 2)]) == {"d/a": ("opaque", 1)}


def test_a_marker_comes_before_a_whiteout() -> None:
    assert causes([file("d/a", 1)], [whiteout("d/a"), opaque("d")]) == {"d/a": ("opaque", 1)}


def test_of_several_whiteouts_the_nearest_counts_in_any_order() -> None:
    for layer in ([whiteout("a"), whiteout("a/b")], [whiteout("a/b"), whiteout("a")]):
        assert causes([file("a/b/c", 1), file("a/d", 1)], layer) == {
            "a/b/c": ("parent_deleted", 1),
            "a/d": ("parent_deleted", 1),
        }
        chain, (_, diff) = mount([file("a/b", 1)], layer)
        assert [(dead.cause, chain.listings[1].paths[dead.hider]) for dead in diff.dead] == [("deleted", b"a/.wh.b")]


def test_of_several_markers_the_nearest_counts() -> None:
    chain, (_, diff) = mount([file("a/b/c", 1)], [opaque("a"), opaque("a/b"), opaque()])
    assert [chain.listings[1].paths[dead.hider] for dead in diff.dead] == [b"a/b/.wh..wh..opq"]


def test_a_folder_that_another_replaces_is_superseded_at_no_cost() -> None:
    chain, (_, diff) = mount([folder("a")], [folder("a")])
    assert [(dead.size, dead.cause) for dead in diff.dead] == [(0, "superseded")]
    assert sum(chain.waste.values()) == 0


def test_implied_folders_never_die() -> None:
    assert causes([file("a/b/c")], [whiteout("a")]) == {"a/b/c": ("parent_deleted", 1)}


def test_the_length_of_a_symlink_is_waste_too() -> None:
    chain, _ = mount([symlink("a", "target")], [file("a")])
    assert chain.waste[Cause.TYPE_CHANGED] == 6


def test_a_path_that_stands_twice_in_a_layer_is_counted_once() -> None:
    chain, _ = mount([file("a", 1), file("a", 2)], [whiteout("a")])
    assert (chain.size, sum(chain.waste.values())) == (2, 2)


def test_the_efficiency_of_an_empty_image_is_1() -> None:
    assert (efficiency(0, 0), efficiency(0, 10), efficiency(5, 20), efficiency(7, 7)) == (1, 1, 0.75, 0)
