"""dive's figures, where they differ from ours and where its code is peculiar."""

import pytest

from analyzer.filetree.dive import efficiency, user_wasted_percent
from tests.filetree.stacks import MIB, Entry, file, folder, hardlink, mount, opaque, raw, symlink, whiteout

HUNDRED = 100 * MIB


def figures(*layers: list[Entry]) -> tuple[int, int, int]:
    """Cumulative, minimal, wasted."""
    return tuple(mount(*layers)[1][-1].dive)  # type: ignore[return-value]


def test_an_overwritten_file_of_100_mb_counts_twice_for_the_survivor_counts_too() -> None:
    assert figures([file("a", HUNDRED)], [file("a", HUNDRED)]) == (2 * HUNDRED, HUNDRED, 2 * HUNDRED)


def test_a_folder_of_100_mb_that_is_removed_wastes_nothing() -> None:
    assert figures([folder("d"), file("d/a", HUNDRED)], [whiteout("d")]) == (2 * HUNDRED, 2 * HUNDRED, 0)


def test_a_deleted_file_counts_its_bytes_once() -> None:
    assert figures([file("a", HUNDRED)], [whiteout("a")]) == (HUNDRED, 0, HUNDRED)


def test_the_whiteout_of_a_folder_counts_the_files_that_the_chain_below_shows_under_it() -> None:
    lower = [folder("d"), file("d/a", 5), file("d/gone", 7), symlink("d/s", "long"), hardlink("d/h", "d/a")]
    assert figures(lower, [whiteout("d/gone")], [whiteout("d")])[0] == 5 + 7 + 5


def test_what_a_marker_of_the_same_layer_hides_still_counts_for_its_whiteout() -> None:
    assert figures([folder("d"), file("d/a", 5)], [opaque(), whiteout("d")])[0] == 10


@pytest.mark.parametrize("empty", [symlink("a", "target"), hardlink("a", "b"), whiteout("a")])
def test_links_and_whiteouts_of_files_count_nothing(empty: Entry) -> None:
    assert figures([file("a", 5), file("b", 1)], [empty]) == (6, 1, 5)


def test_folders_markers_and_aufs_names_are_no_paths() -> None:
    layer = [folder("a"), opaque("a"), raw(b".wh..wh.plnk/1"), raw(b".wh.")]
    assert figures([folder("a"), file("a/b", 3)], layer, layer) == (3, 3, 0)


def test_a_file_and_its_whiteout_in_one_layer_are_seen_as_two() -> None:
    assert figures([whiteout("a"), file("a", 5)]) == (5, 0, 5)


def test_the_smallest_of_many_counts() -> None:
    assert figures([file("a", 5)], [file("a", 9)], [file("a", 2)], [file("a", 4)]) == (20, 2, 20)


def test_ratios_of_nothing() -> None:
    assert efficiency(0, 0) == 1
    assert efficiency(1, 4) == 0.25
    assert user_wasted_percent(7, 100, 100) == 0
    assert user_wasted_percent(30, 160, 100) == 50
