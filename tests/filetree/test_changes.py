"""What a layer adds, modifies and removes, against the chain below it."""

from dataclasses import replace

import pytest

from analyzer.filetree.compare import labels
from analyzer.filetree.layerdiff import Change, LayerDiff
from tests.filetree.stacks import (
    Entry,
    changes,
    file,
    folder,
    hardlink,
    listing,
    mount,
    opaque,
    raw,
    symlink,
    top,
    whiteout,
)

OLD = file("a", 3, content="old")


def tally(diff: LayerDiff) -> tuple[int, int, int]:
    return diff.added, diff.modified, diff.removed


def changed(old: Entry, new: Entry) -> tuple[str, list[str]]:
    """How the path that both stand for changed, and in what."""
    diff = top([old], [new])
    return Change(diff.changes[0]).label, labels(diff.changed[0])


def test_everything_in_the_bottom_layer_is_added() -> None:
    assert tally(top([folder("a"), file("a/b"), symlink("c", "a")])) == (3, 0, 0)


@pytest.mark.parametrize(
    ("new", "what"),
    [
        (file("a", 3, content="new"), ["content"]),
        (replace(OLD, sha256=None), ["content"]),
        (replace(OLD, mode=0o600), ["mode"]),
        (replace(OLD, uid=5), ["owner"]),
        (replace(OLD, gid=5), ["owner"]),
        (replace(OLD, mtime=1), ["mtime"]),
        (replace(OLD, xattrs={b"user.a": b""}), ["xattrs"]),
        (file("a", 4, content="new", mode=0o600, uid=5, mtime=1), ["content", "mode", "owner", "mtime"]),
        (OLD, []),
    ],
)
def test_an_entry_over_an_existing_path_is_modified_even_if_it_is_identical(new: Entry, what: list[str]) -> None:
    assert changed(OLD, new) == ("modified", what)


def test_files_that_were_not_hashed_are_never_called_the_same() -> None:
    assert changed(replace(OLD, sha256=None), replace(OLD, sha256=None)) == ("modified", ["content"])


def test_a_symlink_that_leads_elsewhere_changed_its_link() -> None:
    assert changed(symlink("a", "b"), symlink("a", "c")) == ("modified", ["link"])
    assert changed(symlink("a", "b"), symlink("a", "b")) == ("modified", [])


def test_another_type_is_a_change_of_type() -> None:
    assert changed(file("a"), replace(symlink("a", "b"), mode=0o644)) == ("modified", ["type"])
    assert changed(folder("a"), file("a", mode=0o755)) == ("modified", ["type"])
    assert changed(file("a"), folder("a")) == ("modified", ["type", "mode"])


def test_a_folder_that_repeats_the_one_below_is_unchanged_and_counted_nowhere() -> None:
    assert changed(folder("a"), folder("a")) == ("unchanged", [])
    assert changed(folder("a"), folder("a", mtime=5)) == ("unchanged", [])
    assert tally(top([folder("a")], [folder("a", mtime=5)])) == (0, 0, 0)


@pytest.mark.parametrize(
    ("new", "what"),
    [
        (folder("a", 0o700), ["mode"]),
        (folder("a", uid=1), ["owner"]),
        (replace(folder("a"), xattrs={b"user.a": b"1"}), ["xattrs"]),
        (folder("a", 0o700, mtime=5), ["mode", "mtime"]),
    ],
)
def test_a_folder_with_other_attributes_is_modified(new: Entry, what: list[str]) -> None:
    assert changed(folder("a"), new) == ("modified", what)


def test_a_folder_over_an_implied_one_is_compared_with_0755_of_root() -> None:
    lower = [file("a/b")]
    assert top(lower, [folder("a", mtime=5)]).changes == bytes([Change.UNCHANGED])
    assert labels(top(lower, [folder("a", 0o700, gid=2)]).changed[0]) == ["mode", "owner"]


def test_implied_folders_and_aufs_names_are_no_changes() -> None:
    diff = top([], [file("a/b"), raw(b".wh..wh.plnk/1")])
    assert tally(diff) == (1, 0, 0)
    assert diff.changes.count(Change.NONE) == 3


def test_a_whiteout_of_a_file_removes_one() -> None:
    diff = top([file("a"), file("b")], [whiteout("a")])
    assert (tally(diff), diff.changes) == ((0, 0, 1), bytes([Change.REMOVED]))


def test_a_whiteout_of_a_folder_removes_it_and_all_below() -> None:
    assert tally(top([folder("d"), file("d/a"), file("d/b"), folder("d/c")], [whiteout("d")])) == (0, 0, 4)


def test_folders_without_an_entry_are_not_counted_among_the_removed() -> None:
    assert tally(top([file("d/e/a"), file("d/e/b")], [whiteout("d")])) == (0, 0, 2)


def test_an_opaque_marker_removes_what_was_below_its_folder() -> None:
    diff = top([folder("d"), file("d/a"), file("d/b/c")], [folder("d"), opaque("d")])
    assert tally(diff) == (0, 0, 2)
    assert changes(diff, listing(folder("d"), opaque("d"))) == {"d": "unchanged", "d/.wh..wh..opq": "removed"}


def test_whiteouts_and_markers_that_hid_nothing_are_no_changes() -> None:
    diff = top([folder("d")], [whiteout("x"), opaque("d"), raw(b".wh.")])
    assert (tally(diff), diff.changes) == ((0, 0, 0), bytes(4))


def test_a_folder_that_becomes_a_file_is_modified_and_what_was_below_is_removed() -> None:
    assert tally(top([folder("d"), file("d/a"), file("d/b")], [file("d")])) == (0, 1, 2)


def test_a_file_that_an_implied_folder_takes_over_is_removed() -> None:
    assert tally(top([file("a")], [file("a/b")])) == (1, 0, 1)


def test_what_a_layer_hides_and_brings_again_is_removed_and_added() -> None:
    for hiding in (opaque("d"), whiteout("d/a"), whiteout("d")):
        chain, diffs = mount([folder("d"), file("d/a")], [hiding, file("d/a")])
        assert diffs[1].added == 1
        assert sorted(chain.visible) == [b"d", b"d/a"]
        assert chain.entries == 2 + diffs[1].added - diffs[1].removed


def test_a_hard_link_counts_as_a_file() -> None:
    assert tally(top([file("f", 3)], [hardlink("a", "f")])) == (1, 0, 0)
    diff = top([file("f", 3), file("a", 3)], [hardlink("a", "f")])
    assert (tally(diff), labels(diff.changed[0])) == ((0, 1, 0), [])


def test_an_entry_that_its_own_layer_replaces_is_no_change() -> None:
    diff = top([], [file("a"), file("a/b")])
    assert (tally(diff), diff.changes) == ((1, 0, 0), bytes([Change.NONE, Change.ADDED]))
