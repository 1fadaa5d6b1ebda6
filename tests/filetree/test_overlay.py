"""What a chain shows: the overlay rules one by one, by their smallest layers."""

from analyzer.filetree.entry import Kind
from analyzer.filetree.overlay import UnionMount
from analyzer.filetree.waste import Cause
from tests.filetree.stacks import (
    MIB,
    Entry,
    causes,
    file,
    folder,
    listing,
    mount,
    opaque,
    raw,
    symlink,
    top,
    whiteout,
)


def visible(*layers: list[Entry]) -> list[str]:
    return sorted(path.decode() for path in mount(*layers)[0].visible)


def test_a_whiteout_hides_a_file_of_lower_layers() -> None:
    assert visible([file("a"), file("b")], [whiteout("a")]) == ["b"]


def test_a_whiteout_hides_a_folder_and_all_below_it() -> None:
    assert visible([folder("a"), file("a/b/c"), file("a-")], [whiteout("a")]) == ["a-"]


def test_a_whiteout_does_not_hide_what_its_own_layer_brings_wherever_it_stands() -> None:
    for layer in ([whiteout("a"), file("a", 2)], [file("a", 2), whiteout("a")]):
        chain, _ = mount([file("a", 1)], layer)
        assert chain.merged_size == 2


def test_a_whiteout_of_a_path_that_is_not_there_hides_nothing() -> None:
    chain, (_, diff) = mount([file("a")], [whiteout("b"), whiteout("a/c")])
    assert sorted(chain.visible) == [b"a"]
    assert (diff.removed, diff.dead[0].cause) == (1, "type_changed")  # for it implies a folder a


def test_a_bare_whiteout_hides_nothing() -> None:
    assert visible([file("a"), folder("d")], [raw(b".wh."), raw(b"d/.wh.."), raw(b".wh...")]) == ["a", "d"]


def test_a_whiteout_itself_is_never_shown() -> None:
    assert visible([whiteout("a"), opaque("b"), raw(b".wh..wh.plnk/1")]) == ["b"]


def test_a_whiteout_does_not_reach_names_that_begin_alike() -> None:
    assert visible([file("a/x"), file("a.b"), file("a0"), file("ab/c")], [whiteout("a")]) == ["a.b", "a0", "ab", "ab/c"]


def test_an_opaque_marker_hides_every_lower_descendant_and_keeps_its_folder() -> None:
    assert visible([folder("a"), file("a/b/c"), file("d")], [opaque("a"), folder("a")]) == ["a", "d"]


def test_an_opaque_marker_comes_first_wherever_in_the_tar_it_stands() -> None:
    for layer in ([opaque("a"), file("a/new")], [file("a/new"), opaque("a")]):
        assert visible([file("a/old")], layer) == ["a", "a/new"]


def test_an_opaque_marker_at_the_root_hides_everything_below() -> None:
    assert visible([file("a/b"), file("c")], [opaque(), file("d")]) == ["d"]


def test_an_opaque_marker_of_a_folder_that_is_not_there_does_nothing() -> None:
    assert top([file("a")], [opaque("b")]).removed == 0


def test_aufs_bookkeeping_is_not_merged_nor_are_folders_that_it_alone_implies() -> None:
    assert visible([raw(b"a/.wh..wh.plnk/1.2"), raw(b".wh..wh.aufs"), file("b")]) == ["b"]


def test_whiteouts_imply_their_folders() -> None:
    chain, _ = mount([whiteout("a/b/c")])
    assert (sorted(chain.visible), chain.entries) == ([b"a", b"a/b"], 0)


def test_a_folder_over_a_folder_replaces_its_attributes_and_keeps_its_children() -> None:
    chain, _ = mount([folder("a", 0o755), file("a/b")], [folder("a", 0o700)])
    assert sorted(chain.visible) == [b"a", b"a/b"]
    rows, ordinal = chain.row(chain.visible[b"a"])
    assert rows.modes[ordinal] == 0o700


def test_a_file_over_a_folder_removes_all_below_it() -> None:
    assert visible([folder("a"), file("a/b/c"), file("a-")], [file("a")]) == ["a", "a-"]


def test_a_file_over_an_implied_folder_removes_its_children() -> None:
    assert visible([file("a/b/c")], [file("a/b")]) == ["a", "a/b"]


def test_a_folder_over_a_file_starts_empty() -> None:
    assert visible([file("a")], [folder("a"), file("a/b")]) == ["a", "a/b"]


def test_an_implied_folder_hides_what_is_no_folder_below() -> None:
    chain, (_, diff) = mount([symlink("lib", "usr/lib")], [file("lib/x")])
    assert (sorted(chain.visible), chain.entries) == ([b"lib", b"lib/x"], 1)
    assert [dead.cause for dead in diff.dead] == ["type_changed"]


def test_an_implied_folder_keeps_the_attributes_of_the_one_below() -> None:
    chain, _ = mount([folder("a", 0o700)], [file("a/b")])
    rows, ordinal = chain.row(chain.visible[b"a"])
    assert (rows.modes[ordinal], chain.entries) == (0o700, 2)


def test_a_folder_implied_after_its_whiteout_is_a_new_one() -> None:
    chain, _ = mount([folder("a", 0o700), file("a/b")], [whiteout("a"), file("a/c")])
    assert (sorted(chain.visible), chain.entries) == ([b"a", b"a/c"], 1)
    assert chain.is_implied(chain.visible[b"a"])


def test_entries_count_visible_paths_that_some_layer_has_an_entry_for() -> None:
    chain, _ = mount([file("a/b/c"), folder("d")], [folder("a"), whiteout("d")])
    assert chain.entries == 2  # a and a/b/c, not the implied a/b


def test_an_entry_below_a_name_like_a_whiteout_stands_in_a_folder_of_that_name() -> None:
    chain, _ = mount([file("foo")], [whiteout("foo"), file(".wh.foo/bar", 3)], [file("z")])
    assert sorted(chain.visible) == [b".wh.foo", b".wh.foo/bar", b"z"]
    assert (chain.entries, chain.merged_size) == (2, 3)


def test_of_a_file_and_entries_below_it_in_one_layer_the_later_in_the_tar_stays() -> None:
    assert visible([file("a"), file("a/b")]) == ["a", "a/b"]
    assert visible([file("a/b"), file("a")]) == ["a"]
    assert causes([file("a", 1), file("a/b", 2)]) == {"a": ("type_changed", 0)}
    assert causes([file("a/b", 2), file("a", 1)]) == {"a/b": ("type_changed", 0)}


def test_a_file_that_gave_way_has_still_replaced_what_was_below() -> None:
    assert visible([file("a/old", 1)], [file("a"), file("a/new")]) == ["a", "a/new"]
    assert causes([file("a/old", 1)], [file("a"), file("a/new")]) == {
        "a/old": ("type_changed", 1),
        "a": ("type_changed", 1),
    }


def test_a_whiteout_below_a_file_of_its_layer_leaves_the_file_alone() -> None:
    for layer in ([file("a", 2), whiteout("a/b")], [whiteout("a/b"), file("a", 2)]):
        chain, (_, diff) = mount([file("a/b", 1)], layer)
        assert (sorted(chain.visible), chain.merged_size) == ([b"a"], 2)
        assert [dead.cause for dead in diff.dead] == ["deleted"]


def test_the_same_listing_may_stand_twice_in_a_chain() -> None:
    layer = listing(file("a", 5), folder("d"))
    chain = UnionMount()
    first, second = chain.apply(layer), chain.apply(layer)
    assert (first.added, second.added, second.modified) == (2, 0, 1)
    assert (chain.size, chain.merged_size, chain.waste[Cause.SUPERSEDED]) == (10, 5, 5)


def test_empty_layers_change_nothing() -> None:
    chain, diffs = mount([], [file("a", MIB)], [])
    assert [(diff.added, diff.removed, diff.changes) for diff in diffs] == [(0, 0, b""), (1, 0, b"\x01"), (0, 0, b"")]
    assert chain.merged_size == MIB


def test_names_that_are_not_utf8_are_paths_like_others() -> None:
    chain, _ = mount([raw(b"a\xff/b", size=1)], [raw(b".wh.a\xff", Kind.WHITEOUT)])
    assert (chain.visible, chain.merged_size) == ({}, 0)
