"""Why two layers with the same contents have different digests."""

from dataclasses import replace

from analyzer.sharing.reasons import difference
from tests.filetree.stacks import Entry, file, folder, listing, symlink

TREE = (folder("srv"), file("srv/app", 100), file("srv/data", 200), symlink("srv/current", "app"))


def differs(*other: Entry, mine: tuple[Entry, ...] = TREE) -> dict[str, int]:
    return difference(listing(*mine), listing(*other)).as_json()


def changed(**attributes: object) -> tuple[Entry, ...]:
    """The tree with another attribute of its two files."""
    return tuple(replace(entry, **attributes) if entry.size >= 100 else entry for entry in TREE)  # type: ignore[arg-type]


def test_each_attribute_is_a_reason_with_the_number_of_its_paths():
    assert differs(*changed(mtime=1)) == {"mtime": 2}
    assert differs(*changed(mode=0o600)) == {"mode": 2}
    assert differs(*changed(uid=1000)) == {"owner": 2}
    assert differs(*changed(gid=1000, uid=1000)) == {"owner": 2}
    assert differs(*changed(xattrs={b"user.a": b"b"})) == {"xattrs": 2}
    assert differs(*TREE[:3], symlink("srv/current", "data")) == {"links": 1}


def test_several_reasons_may_hold():
    assert differs(*changed(mtime=1, mode=0o600), file("srv/more", 5)) == {"mtime": 2, "mode": 2, "files": 1}


def test_a_file_of_other_bytes_is_one_file_that_differs():
    assert differs(TREE[0], TREE[1], file("srv/data", 201), TREE[3]) == {"files": 1}


def test_the_same_bytes_under_another_name_are_moved_on_both_sides():
    assert differs(TREE[0], TREE[1], file("srv/moved", 200), TREE[3]) == {"moved": 2}


def test_folders_and_links_of_one_side_are_entries():
    assert differs(*TREE[:3]) == {"entries": 1}
    assert differs(*TREE[:3], folder("srv/current")) == {"entries": 1}


def test_members_in_another_order_are_a_reason_of_their_own():
    assert differs(TREE[0], TREE[2], TREE[1], TREE[3]) == {"order": 1}
    assert differs(file("a"), *TREE) == {"files": 1}


def test_what_says_the_same_in_the_same_order_differs_in_its_framing():
    assert differs(*TREE) == {"framing": 1}


def test_a_folder_that_is_only_implied_is_an_entry_of_the_side_that_has_it():
    assert differs(*TREE[1:]) == {"entries": 1}
