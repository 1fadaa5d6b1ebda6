import pytest

from analyzer.filetree.browse import Filter, open_listing, open_merged
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change
from analyzer.filetree.merged import merge
from tests.filetree.stacks import file, folder, mount, raw, symlink, whiteout

LOWER = [folder("usr"), file("usr/big", 50), file("usr/Small.TXT", 5, mtime=7), file("usr/lib/x.so", 30), file("z", 40)]
UPPER = [file("usr/big", 60), file("usr/lib/y.so", 1), whiteout("z"), symlink("a", "z"), raw(b"odd\xff")]

CHAIN, DIFFS = mount(LOWER, UPPER)
BOTTOM = open_listing(CHAIN.listings[0].to_parquet())
TOP = open_listing(CHAIN.listings[1].to_parquet(), DIFFS[1].changes)
MERGED = open_merged(merge(CHAIN).to_parquet())


def names(*, of: object = BOTTOM, rows: memoryview) -> list[str]:
    return [path.decode(errors="replace") for path in of.rows(rows, ["path"]).paths]  # type: ignore[attr-defined]


def test_the_top_level_comes_sorted_by_name() -> None:
    assert names(rows=BOTTOM.children()) == ["usr", "z"]


def test_a_folders_children_come_by_any_column() -> None:
    usr = BOTTOM.ordinal(b"usr")
    assert usr is not None
    assert names(rows=BOTTOM.children(usr)) == ["usr/Small.TXT", "usr/big", "usr/lib"]
    assert names(rows=BOTTOM.children(usr, descending=True)) == ["usr/lib", "usr/big", "usr/Small.TXT"]
    assert names(rows=BOTTOM.children(usr, "total", descending=True)) == ["usr/big", "usr/lib", "usr/Small.TXT"]
    assert names(rows=BOTTOM.children(usr, "mtime")) == ["usr/Small.TXT", "usr/big", "usr/lib"]


def test_an_empty_folder_has_no_children() -> None:
    big = BOTTOM.ordinal(b"usr/big")
    assert big is not None
    assert list(BOTTOM.children(big, "size")) == []


def test_all_rows_come_sorted_and_ties_go_by_path() -> None:
    assert names(rows=BOTTOM.search(Filter(), "size", descending=True)[:3]) == ["usr/big", "z", "usr/lib/x.so"]
    assert names(rows=BOTTOM.search(Filter(), "size")) == [
        "usr",
        "usr/lib",
        "usr/Small.TXT",
        "usr/lib/x.so",
        "z",
        "usr/big",
    ]
    assert names(rows=BOTTOM.search(Filter(), descending=True)[:2]) == ["z", "usr/lib/x.so"]


def test_filters_narrow_together() -> None:
    assert names(rows=BOTTOM.search(Filter(kinds=[Kind.FILE], text="usr/l"))) == ["usr/lib/x.so"]
    assert names(rows=BOTTOM.search(Filter(kinds=[Kind.DIR], implied=False))) == ["usr"]
    assert names(rows=BOTTOM.search(Filter(text="SMALL"))) == ["usr/Small.TXT"]
    assert names(rows=BOTTOM.search(Filter(text="*.txt"))) == ["usr/Small.TXT"]
    assert names(rows=BOTTOM.search(Filter(text="usr/*.so"))) == []
    assert names(rows=BOTTOM.search(Filter(text="usr/**.so"))) == ["usr/lib/x.so"]


def test_rows_are_filtered_by_their_change() -> None:
    assert names(of=TOP, rows=TOP.search(Filter(changes=[Change.MODIFIED, Change.REMOVED]))) == [".wh.z", "usr/big"]
    assert names(of=TOP, rows=TOP.search(Filter(changes=[Change.ADDED], kinds=[Kind.SYMLINK]))) == ["a"]


def test_names_that_are_not_utf8_are_found_by_their_bytes() -> None:
    assert len(TOP.search(Filter(text="odd\udcff"))) == 1
    assert len(TOP.search(Filter(text="od?\udcff"))) == 1


def test_a_malformed_pattern_is_an_error_for_the_user() -> None:
    with pytest.raises(ValueError, match=r"not a pattern: \[z-a\]"):
        BOTTOM.search(Filter(text="[z-a]"))


def test_a_page_has_only_what_was_asked_for() -> None:
    page = BOTTOM.rows(BOTTOM.search(Filter(), "size")[2:4], ["path", "mode", "size", "total"])
    assert (list(page.sizes), list(page.totals), list(page.modes)) == ([5, 30], [5, 30], [0o644, 0o644])
    with pytest.raises(LookupError):
        _ = page.uids
    assert list(BOTTOM.rows([0]).totals) == [85]


def test_the_folders_above_a_row_lead_to_it() -> None:
    at = BOTTOM.ordinal(b"usr/lib/x.so")
    assert at is not None
    assert names(rows=memoryview(bytes(BOTTOM.above(at)))) == ["usr", "usr/lib"]


def test_paths_are_found_or_not() -> None:
    assert [BOTTOM.ordinal(path) for path in (b"usr", b"us", b"z", b"zz", b"")] == [0, None, 5, None, None]


def test_a_merged_view_is_browsed_alike() -> None:
    rows = MERGED.search(Filter(), "layer", descending=True)
    assert MERGED.rows(rows, ["layer"]).layers == [1, 1, 1, 1, 0, 0, 0, 0]
    assert len(MERGED) == 8
