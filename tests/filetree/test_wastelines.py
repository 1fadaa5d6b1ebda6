"""Waste line by line, and the lenses beside it, against plain loops."""

from collections import Counter
from typing import TypeAlias

from hypothesis import given

from analyzer.filetree import compare
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.merged import merge
from analyzer.filetree.overlay import UnionMount
from analyzer.filetree.twice import twice
from analyzer.filetree.waste import Cause
from analyzer.filetree.wastelines import WasteLine, copies_of, lines_of
from tests.filetree.oracle import Oracle
from tests.filetree.random_stacks import FIXED, stacks
from tests.filetree.stacks import MIB, Entry, file, folder, listing, opaque, whiteout

Key: TypeAlias = tuple[int, int, Cause]


def applied(*tars: list[Entry]) -> tuple[list[LayerDiff], list[Listing], UnionMount]:
    mount = UnionMount()
    diffs = [mount.apply(listing(*tar)) for tar in tars]
    return diffs, mount.listings, mount


def lines(*tars: list[Entry]) -> list[WasteLine]:
    diffs, listings, _ = applied(*tars)
    return lines_of(diffs, listings)


def only(found: list[WasteLine]) -> WasteLine:
    (line,) = [line for line in found if line.size]
    return line


def test_one_overwritten_file_of_100_mib_wastes_100_mib() -> None:
    line = only(lines([file("big", 100 * MIB, "one")], [file("big", 100 * MIB, "two")]))
    assert (line.size, line.files, line.cause, line.copied) == (100 * MIB, 1, Cause.SUPERSEDED, 0)


def test_a_deleted_file_of_100_mib_wastes_100_mib() -> None:
    line = only(lines([file("big", 100 * MIB)], [whiteout("big")]))
    assert (line.size, line.cause, line.brought, line.hider) == (100 * MIB, Cause.DELETED, 0, 1)


def test_a_folder_of_100_mib_removed_with_rm_rf_wastes_100_mib() -> None:
    line = only(lines([folder("d"), file("d/a", 60 * MIB), file("d/b", 40 * MIB)], [whiteout("d")]))
    assert (line.size, line.files, line.cause) == (100 * MIB, 2, Cause.PARENT_DELETED)


def test_a_folder_of_100_mib_emptied_by_an_opaque_marker_wastes_100_mib() -> None:
    line = only(lines([folder("d"), file("d/a", 100 * MIB)], [folder("d"), opaque("d"), file("d/c", 1)]))
    assert (line.size, line.cause) == (100 * MIB, Cause.OPAQUE)


def test_a_chown_of_a_file_is_a_copy_that_says_what_changed() -> None:
    line = only(lines([file("a", 10, "same")], [file("a", 10, "same", uid=1000)]))
    assert (line.copied, compare.labels(line.changed)) == (10, ["owner"])


def test_metadata_copies_and_identical_copies_are_told_apart() -> None:
    before = [file("chown", 10, "x"), file("chmod", 20, "y"), file("again", 40, "z"), file("new", 80, "a")]
    after = [
        file("chown", 10, "x", uid=1),
        file("chmod", 20, "y", mode=0o600),
        file("again", 40, "z", mtime=5),
        file("new", 80, "b"),
    ]
    (copies,) = copies_of(*applied(before, after)[:2])
    assert (copies.layer, copies.metadata_files, copies.metadata_size) == (1, 2, 30)
    assert (copies.identical_files, copies.identical_size) == (1, 40)


def test_the_same_content_at_several_visible_paths_is_told_with_its_extra_bytes() -> None:
    *_, mount = applied(
        [file("a", 10, "x"), file("b", 10, "x"), file("c", 10, "x"), file("gone", 10, "x")], [whiteout("gone")]
    )
    merged = merge(mount)
    (found,) = twice(merged.paths, merged.kinds, merged.sizes, merged.sha256s)
    assert (found.paths, found.extra) == ((b"a", b"b", b"c"), 20)


@FIXED
@given(stacks())
def test_the_lines_are_what_the_oracle_says_died(tars: list[list[Entry]]) -> None:
    diffs, listings, mount = applied(*tars)
    oracle = Oracle()
    size, entries, files, copied = Counter[Key](), Counter[Key](), Counter[Key](), Counter[Key]()
    for hider, tar in enumerate(tars):
        for (layer, path), (cause, by) in oracle.apply(tar).dead.items():
            key, entry = (layer, hider, Cause(cause)), oracle.entries[layer, path]
            size[key] += entry.size
            entries[key] += 1
            files[key] += entry.kind == Kind.FILE
            over = oracle.entries.get((hider, by))
            same = (
                over is not None and (over.kind, over.sha256) == (Kind.FILE, entry.sha256) and over.sha256 is not None
            )
            copied[key] += entry.size if cause == "superseded" and entry.kind == Kind.FILE and same else 0
    found = {(line.brought, line.hider, line.cause): line for line in lines_of(diffs, listings)}
    assert {key: (line.size, line.entries, line.files, line.copied) for key, line in found.items()} == {
        key: (size[key], entries[key], files[key], copied[key]) for key in entries
    }
    assert sum(size.values()) == sum(mount.waste.values())


@FIXED
@given(stacks())
def test_copies_are_what_a_plain_loop_finds(tars: list[list[Entry]]) -> None:
    diffs, listings, _ = applied(*tars)
    oracle, expected = Oracle(), {}
    for layer, tar in enumerate(tars):
        step = oracle.apply(tar)
        counts = [0, 0, 0, 0]
        for path, differs in step.changed.items():
            entry = oracle.entries[layer, path]
            if step.changes[path] == "modified" and entry.kind == Kind.FILE and not differs & {"content", "type"}:
                place = 0 if differs & {"mode", "owner", "xattrs"} else 2
                counts[place] += 1
                counts[place + 1] += entry.size
        if any(counts):
            expected[layer] = tuple(counts)
    assert expected == {
        item.layer: (item.metadata_files, item.metadata_size, item.identical_files, item.identical_size)
        for item in copies_of(diffs, listings)
    }


@given(stacks())
def test_twice_counts_as_a_plain_loop_does(tars: list[list[Entry]]) -> None:
    *_, mount = applied(*tars)
    merged = merge(mount)
    counts = Counter(
        sha256
        for kind, size, sha256 in zip(merged.kinds, merged.sizes, merged.sha256s, strict=True)
        if kind == Kind.FILE and size and sha256
    )
    found = {item.sha256: len(item.paths) for item in twice(merged.paths, merged.kinds, merged.sizes, merged.sha256s)}
    assert found == {sha256: count for sha256, count in counts.items() if count > 1}
