import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.irregular import MAX_FINDINGS
from analyzer.filetree.listing import Listing
from analyzer.oci.findings import Severity
from tests.filetree.stacks import (
    Entry,
    file,
    findings,
    folder,
    hardlink,
    listing,
    members,
    opaque,
    raw,
    symlink,
    whiteout,
)


def test_rows_are_sorted_by_path_in_plain_byte_order() -> None:
    rows = listing(file("b"), folder("a"), file("a/b"), file("a-"), file("a.b"))
    assert rows.paths == [b"a", b"a-", b"a.b", b"a/b", b"b"]


def test_every_column_follows_its_path() -> None:
    first = Entry(b"b", Kind.FILE, 3, 0o600, 1, 2, 3, None, b"x" * 32, {b"user.a": b"1"})
    second = Entry(b"a", Kind.SYMLINK, 5, 0o777, 4, 5, 6, b"where")
    rows = listing(first, second)
    assert (rows.kinds, list(rows.modes), list(rows.sizes)) == (bytes([2, 0]), [0o777, 0o600], [5, 3])
    assert (list(rows.uids), list(rows.gids), list(rows.mtimes)) == ([4, 1], [5, 2], [6, 3])
    assert (list(rows.links), list(rows.sha256s)) == ([b"where", None], [None, b"x" * 32])
    assert list(rows.xattrs) == [None, {b"user.a": b"1"}]
    assert list(rows.offsets) == [1536, 512]


def test_of_a_path_that_stands_twice_the_last_counts_and_both_are_reported() -> None:
    rows = listing(file("a", 10), file("a", 3))
    assert (list(rows.sizes), rows.size) == ([3], 3)
    (finding,) = findings(file("a", 10), file("b"), file("a", 3))
    assert (finding.code, finding.path, finding.severity) == ("duplicate-entry", b"a", Severity.WARNING)
    assert "file of 10 B, then file of 3 B" in finding.detail


def test_entries_imply_the_folders_above_them() -> None:
    rows = listing(file("usr/lib/x", 7), whiteout("var/old"))
    assert rows.paths == [b"usr", b"usr/lib", b"usr/lib/x", b"var", b"var/.wh.old"]
    assert rows.implied == bytes([1, 1, 0, 1, 0])
    assert [Kind(rows.kinds[row]) for row in (0, 1, 3)] == [Kind.DIR] * 3
    assert [(rows.modes[row], rows.uids[row], rows.gids[row]) for row in (0, 1)] == [(0o755, 0, 0)] * 2
    assert rows.offsets[0] == -1


def test_an_entry_of_its_own_is_not_implied_wherever_it_stands() -> None:
    assert listing(file("a/b"), folder("a", 0o700)).implied == bytes([0, 0])


def test_folders_know_their_bytes_and_entries_below() -> None:
    rows = listing(folder("a"), file("a/b", 3), folder("a/c"), file("a/c/d", 4), file("a-", 5))
    by_path = dict(zip(rows.paths, zip(rows.parents, rows.totals, rows.below, strict=True), strict=True))
    assert by_path == {
        b"a": (-1, 7, 3),
        b"a-": (-1, 5, 0),
        b"a/b": (0, 3, 0),
        b"a/c": (0, 4, 1),
        b"a/c/d": (3, 4, 0),
    }


def test_the_size_is_the_sum_of_the_entries_sizes() -> None:
    assert listing(file("a", 3), folder("d"), Entry(b"s", Kind.SYMLINK, 5), hardlink("h", "a")).size == 8


def test_an_empty_layer_has_no_rows() -> None:
    rows = listing()
    assert (len(rows), rows.size, rows.kinds) == (0, 0, b"")
    assert len(Listing.from_parquet(rows.to_parquet())) == 0


def test_a_row_is_found_by_its_path() -> None:
    rows = listing(file("a/b"), file("c"))
    assert [rows.ordinal(path) for path in (b"a", b"a/b", b"b", b"c", b"d", b"")] == [0, 1, None, 2, None, None]


def test_aufs_names_imply_aufs_folders() -> None:
    rows = listing(raw(b".wh..wh.plnk/12.34"))
    assert rows.paths == [b".wh..wh.plnk", b".wh..wh.plnk/12.34"]
    assert rows.kinds == bytes([Kind.AUFS, Kind.AUFS])


def test_a_folder_named_like_a_whiteout_that_only_entries_imply_is_a_folder() -> None:
    rows = listing(file(".wh.a/b"))
    assert (rows.paths, rows.kinds) == ([b".wh.a", b".wh.a/b"], bytes([Kind.DIR, Kind.FILE]))


def test_a_bare_whiteout_is_reported() -> None:
    (finding,) = findings(folder("a"), raw(b"a/.wh."), raw(b".wh.b"))
    assert (finding.code, finding.path, finding.severity) == ("bare-whiteout", b"a/.wh.", Severity.WARNING)


def test_links_in_a_loop_are_reported_each() -> None:
    found = findings(hardlink("a", "b"), hardlink("b", "c"), hardlink("c", "b"), hardlink("d", "e"), file("e"))
    assert [(finding.code, finding.path) for finding in found] == [
        ("link-loop", b"a"),
        ("link-loop", b"b"),
        ("link-loop", b"c"),
    ]


def test_a_name_that_is_not_utf8_is_told_as_information() -> None:
    (finding,) = findings(raw(b"a\xff"), file("ü"))
    assert (finding.code, finding.path, finding.severity) == ("name-not-utf8", b"a\xff", Severity.INFO)


def test_findings_of_one_code_are_capped_and_the_rest_counted() -> None:
    found = findings(*(file(f"f{at:03}") for at in range(120) for _ in range(2)))
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1].path is None
    assert found[-1].detail.startswith("70 more")


def test_an_ordinary_layer_has_no_findings() -> None:
    assert (
        findings(folder("a"), file("a/b"), hardlink("c", "a/b"), whiteout("d"), opaque("a"), hardlink("e", "x")) == []
    )


def test_implied_folders_are_limited_by_name() -> None:
    limits = Limits(max_implied_folders=10)
    Listing.build(members([raw(b"/".join([b"a"] * 11))]), limits)
    with pytest.raises(LimitReached, match="MAX_IMPLIED_FOLDERS=10"):
        Listing.build(members([raw(b"/".join([b"a"] * 12))]), limits)


def test_long_implied_names_use_up_the_limit_faster() -> None:
    with pytest.raises(LimitReached, match="MAX_IMPLIED_FOLDERS=100"):
        Listing.build(members([raw(b"/".join([b"a" * 99] * 40))]), Limits(max_implied_folders=100))


def test_numbers_that_no_system_has_become_the_nearest_that_fit() -> None:
    rows = listing(Entry(b"a", uid=1 << 70, gid=-(1 << 70), mtime=1 << 80, mode=1 << 20))
    assert (rows.uids[0], rows.gids[0], rows.mtimes[0], rows.modes[0]) == (
        (1 << 63) - 1,
        -(1 << 63),
        (1 << 63) - 1,
        65535,
    )
    assert Listing.from_parquet(rows.to_parquet()).uids[0] == (1 << 63) - 1


def test_sizes_that_add_up_past_64_bits_strike_the_layers_limit() -> None:
    huge = [Entry(name, size=(1 << 63) - 1) for name in (b"a", b"b")]
    with pytest.raises(LimitReached, match="MAX_LAYER_BYTES"):
        Listing.build(members(huge), Limits())


def test_members_are_left_as_they_are() -> None:
    given = members([file("b/c"), file("a"), file("a")])
    before = [list(column) for column in (given.paths, given.kinds, given.sizes, given.mtimes)]
    Listing.build(given, Limits())
    assert [given.paths, given.kinds, given.sizes, given.mtimes] == before
    assert isinstance(given, Members)


def test_a_layer_that_leaves_parents_out_says_so_once() -> None:
    (finding,) = findings(file("a/b/c"), file("d/e"))
    assert (finding.code, finding.path) == ("missing-parent", b"a")
    assert "3 folders" in finding.detail


def test_devices_are_told() -> None:
    (finding,) = findings(raw(b"null", Kind.CHAR))
    assert (finding.code, finding.severity, finding.path) == ("device-node", "info", b"null")


def test_files_that_run_as_their_owner_are_told_with_their_bits() -> None:
    entries = [file("su", mode=0o4755), file("both", mode=0o6755), folder("staff", 0o2775), file("x", mode=0o755)]
    both, su = findings(*entries)
    assert [(su.code, su.path), (both.code, both.path)] == [("setuid-file", b"su"), ("setuid-file", b"both")]
    assert "setuid and setgid" in both.detail


def test_what_anybody_may_write_to_is_told_but_for_sticky_folders() -> None:
    found = findings(file("f", mode=0o666), folder("d", 0o777), folder("tmp", 0o1777), symlink("l", "f"))
    assert [(finding.code, finding.path) for finding in found] == [("world-writable", b"d"), ("world-writable", b"f")]
