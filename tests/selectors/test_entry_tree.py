"""A listing as a tree: what is open, what is cut short, what a filter leaves."""

from analyzer.filetree.listing import Listing
from analyzer.selectors.entry_rows import EntryRow
from analyzer.selectors.entry_select import mask_of
from analyzer.selectors.entry_source import layer_source
from analyzer.selectors.entry_tree import GLANCE, PAGE, More, Row, Tree
from tests.selectors.test_entry_select import listing_of

FILES = {"a/b/one": 10, "a/b/two": 20, "a/three": 5, "a-b/four": 7, "five": 1}


def tree_of(listing: Listing, text: str = "", sort: str = "-size") -> Tree:
    return Tree(layer_source(listing, None, mask_of(listing, None, text, "", "")), sort)


def names(rows: list[Row]) -> list[str]:
    return [row.path if isinstance(row, EntryRow) else f"{row.count} more" for row in rows]


def row_of(rows: list[Row], path: str) -> EntryRow:
    return next(row for row in rows if isinstance(row, EntryRow) and row.path == path)


def test_folders_that_are_open_show_what_is_in_them():
    tree = tree_of(listing_of(FILES))
    assert names(tree.rows(frozenset())) == ["a", "a-b", "five"]
    assert names(tree.rows(frozenset({b"a", b"a/b"}))) == ["a", "a/b", "a/b/two", "a/b/one", "a/three", "a-b", "five"]


def test_a_folder_has_the_bytes_and_entries_of_all_below_it():
    row = row_of(tree_of(listing_of(FILES)).rows(frozenset()), "a")
    assert (row.size, row.below, row.deep, row.is_open) == (35, 4, 0, False)


def test_a_folder_whose_name_begins_like_another_is_not_in_it():
    assert names(tree_of(listing_of(FILES)).children(b"a", 1)) == ["a/b", "a/three"]


def test_a_filter_counts_only_what_it_leaves():
    tree = tree_of(listing_of(FILES), "o")  # one, two, four; not three
    rows = tree.rows(frozenset({b"a", b"a/b"}))
    assert names(rows) == ["a", "a/b", "a/b/two", "a/b/one", "a-b"]
    assert (row_of(rows, "a").size, row_of(rows, "a").below) == (30, 2)
    assert tree.source.size == 37


def test_a_small_listing_is_open_all_through():
    opened, limit = tree_of(listing_of(FILES)).glance()
    assert opened == {b"a", b"a/b", b"a-b"}
    assert limit == PAGE


def test_of_a_large_listing_the_heavy_folders_are_open_and_cut_short():
    files = {f"heavy/{number:03}": 1000 - number for number in range(90)} | {f"light/{n}": 1 for n in range(90)}
    tree = tree_of(listing_of(files))
    opened, limit = tree.glance()
    assert opened == {b"heavy"}
    rows = tree.rows(opened, limit)
    assert names(rows) == ["heavy", *(f"heavy/{number:03}" for number in range(GLANCE)), f"{90 - GLANCE} more", "light"]


def test_what_is_left_of_a_folder_says_how_much_it_is():
    files = {f"dir/{number:03}": 1 for number in range(PAGE + 5)}
    tree = tree_of(listing_of(files), sort="name")
    more = tree.rows(frozenset({b"dir"}))[-1]
    assert isinstance(more, More)
    assert (more.count, more.size, more.start, more.at) == (5, 5, PAGE, "dir")
    assert len(tree.children(b"dir", 1, PAGE)) == 5


def test_one_more_takes_no_row_of_its_own():
    files = {f"dir/{number:03}": 1 for number in range(PAGE + 1)}
    rows = tree_of(listing_of(files)).children(b"dir", 1)
    assert len(rows) == PAGE + 1
    assert not any(isinstance(row, More) for row in rows)


def test_an_empty_listing_has_no_rows():
    tree = tree_of(listing_of({}))
    assert tree.rows(tree.glance()[0]) == []
    assert tree.children(b"nowhere", 1) == []


def test_folders_in_each_other_by_the_thousand_are_opened_to_a_depth():
    tree = tree_of(listing_of({"/".join([*["d"] * 1_500, "needle"]): 5}), "needle")
    opened, limit = tree.glance()
    assert len(opened) == 100
    assert len(tree.rows(opened, limit)) == 101
