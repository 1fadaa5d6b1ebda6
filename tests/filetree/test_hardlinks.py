"""All names of one inode are one object, across layers."""

import pytest

from analyzer.filetree.overlay import UnionMount
from analyzer.filetree.waste import Cause
from tests.filetree.stacks import (
    Entry,
    causes,
    changes,
    file,
    folder,
    hardlink,
    mount,
    opaque,
    raw,
    symlink,
    top,
    whiteout,
)


def holder_of(chain: UnionMount, path: str) -> tuple[int, str]:
    """Layer and path of the entry that holds the bytes of a name."""
    ref = chain.inodes.holder(chain.visible[path.encode()])
    rows, ordinal = chain.row(ref)
    return ref >> 32, rows.paths[ordinal].decode()


def dangling(*layers: list[Entry]) -> list[str]:
    return [(finding.path or b"").decode() for finding in top(*layers).findings]


@pytest.mark.parametrize("order", [1, -1])
def test_a_link_and_its_target_are_one_in_any_order_of_the_tar(order: int) -> None:
    chain, _ = mount([file("f", 3), hardlink("b", "f"), hardlink("z", "b")][::order])
    assert [holder_of(chain, name) for name in "bfz"] == [(0, "f")] * 3
    assert (chain.entries, chain.merged_size) == (3, 3)


def test_a_link_may_lead_into_a_lower_layer() -> None:
    chain, diffs = mount([file("f", 3)], [hardlink("a", "f")], [hardlink("b", "a")])
    assert holder_of(chain, "b") == (0, "f")
    assert [diff.findings for diff in diffs] == [[], [], []]


def test_the_bytes_live_while_any_name_does() -> None:
    layers = [file("f", 3), hardlink("a", "f")], [whiteout("f")], [hardlink("b", "a")], [whiteout("a")]
    assert mount(*layers)[0].waste[Cause.DELETED] == 0
    assert causes(*layers, [whiteout("b")]) == {"f": ("deleted", 4)}


def test_a_link_made_in_the_layer_that_deletes_its_target_keeps_the_bytes() -> None:
    for layer in ([hardlink("b", "d/f"), whiteout("d")], [opaque("d"), hardlink("b", "d/f")]):
        chain, _ = mount([file("d/f", 3)], layer)
        assert (holder_of(chain, "b"), chain.merged_size) == ((0, "d/f"), 3)


def test_an_inode_that_loses_all_names_in_one_layer_dies_as_the_name_with_the_bytes_did() -> None:
    layers = [file("d/f", 3), hardlink("e/a", "d/f"), hardlink("z", "d/f")], [opaque("e"), whiteout("d"), file("z")]
    assert causes(*layers) == {"d/f": ("parent_deleted", 1)}


def test_where_the_name_with_the_bytes_went_before_the_last_name_to_go_counts() -> None:
    first = [file("f", 3), hardlink("e/a", "f"), hardlink("z", "f"), hardlink("y", "f")]
    assert causes(first, [whiteout("f")], [opaque("e"), whiteout("z"), whiteout("y")]) == {"f": ("deleted", 2)}
    assert causes(first, [whiteout("f")], [opaque("e"), whiteout("z"), file("y")]) == {"f": ("superseded", 2)}


def test_a_link_to_nothing_is_reported_and_shown_without_bytes() -> None:
    chain, (diff,) = mount([hardlink("a", "gone"), file("f")])
    assert (chain.entries, chain.merged_size, diff.added) == (2, 0, 2)
    (finding,) = diff.findings
    assert (finding.code, finding.severity, finding.path) == ("dangling-hardlink", "warning", b"a")


def test_a_link_to_a_folder_is_reported() -> None:
    assert dangling([folder("d"), hardlink("a", "d"), hardlink("b", "e"), file("e/x")]) == ["a", "b"]


def test_a_link_to_a_whiteout_or_to_what_was_hidden_before_is_reported() -> None:
    assert dangling(
        [whiteout("x"), raw(b".wh..wh.plnk/1"), hardlink("a", ".wh.x"), hardlink("b", ".wh..wh.plnk/1")]
    ) == [
        "a",
        "b",
    ]
    assert dangling([file("f")], [whiteout("f")], [hardlink("a", "f")]) == ["a"]


def test_of_links_that_lead_to_nothing_through_each_other_the_last_is_reported() -> None:
    assert dangling([hardlink("a", "b"), hardlink("b", "gone")]) == ["b"]


def test_links_in_a_loop_are_shown_without_bytes_and_not_called_dangling() -> None:
    chain, (diff,) = mount([hardlink("a", "b"), hardlink("b", "a"), hardlink("c", "c")])
    assert (chain.entries, chain.merged_size, diff.findings) == (3, 0, [])


def test_findings_are_made_in_every_layer_that_has_the_case() -> None:
    _, diffs = mount([hardlink("a", "x")], [hardlink("b", "x")])
    assert [[finding.path for finding in diff.findings] for diff in diffs] == [[b"a"], [b"b"]]


def test_a_target_in_the_same_layer_goes_before_one_below() -> None:
    chain, _ = mount([file("f", 3)], [hardlink("a", "f"), file("f", 5)])
    assert (holder_of(chain, "a"), chain.merged_size) == ((1, "f"), 5)


def test_a_target_that_its_layer_turns_into_a_folder_is_taken_from_below() -> None:
    chain, _ = mount([file("f", 3)], [hardlink("a", "f"), file("f/x")])
    assert (holder_of(chain, "a"), chain.merged_size) == ((0, "f"), 3)


def test_a_link_over_a_file_is_a_file_over_a_file() -> None:
    chain, (_, diff) = mount([file("a", 3)], [file("f", 4), hardlink("a", "f")])
    assert changes(diff, chain.listings[1]) == {"a": "modified", "f": "added"}
    assert [dead.cause for dead in diff.dead] == ["superseded"]


def test_a_link_is_compared_by_the_inode_that_it_names() -> None:
    same, other = file("f", 3, content="same"), file("f", 3, content="other")
    for target, changed in ((same, 0), (other, 1)):
        chain, (_, diff) = mount([file("a", 3, content="same")], [target, hardlink("a", "f")])
        row = chain.listings[1].ordinal(b"a")
        assert row is not None
        assert diff.changed[row] == changed


def test_another_link_of_the_same_inode_changes_nothing_even_if_it_was_not_hashed() -> None:
    _, (_, diff) = mount([Entry(b"f", size=3), hardlink("a", "f")], [hardlink("a", "f")])
    assert (diff.modified, diff.changed, diff.dead) == (1, b"\x00", [])


def test_a_link_to_a_symlink_keeps_its_length_alive() -> None:
    chain, _ = mount([symlink("s", "target"), hardlink("a", "s")], [whiteout("s")])
    assert (chain.merged_size, sum(chain.waste.values())) == (6, 0)


def test_a_link_that_its_own_layer_replaces_gives_its_name_back() -> None:
    layers = [file("f", 3)], [hardlink("a", "f"), file("a/b"), whiteout("f")]
    assert causes(*layers) == {"f": ("deleted", 1)}
