"""What differs between two merged views, against a plain comparison row by row."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given

from analyzer.filetree.compare import labels
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change
from analyzer.filetree.merged import Merged, merge
from analyzer.filetree.viewdiff import ABSENT, ViewDiff, view_diff
from tests.filetree.stacks import Entry, file, folder, hardlink, mount, symlink
from tests.filetree.test_against_oracle import FEWER, stacks


def view(*layers: list[Entry]) -> Merged:
    return merge(mount(*layers)[0])


def told(diff: ViewDiff) -> dict[str, tuple[str, ...]]:
    """Path → its change and what changed."""
    return {
        path.decode(): (Change(change).label, *labels(mask))
        for path, change, mask in zip(diff.paths, diff.changes, diff.masks, strict=True)
    }


def plainly(first: Merged, second: Merged) -> Mapping[bytes, tuple[str, ...]]:
    """The same, without any column arithmetic."""
    known: list[dict[bytes, dict[str, object]]] = []
    for merged in (first, second):
        rows: dict[bytes, dict[str, object]] = {}
        for row, path in enumerate(merged.paths):
            kind, link, sha256 = Kind(merged.kinds[row]), merged.links[row], merged.sha256s[row]
            if kind is Kind.HARDLINK:
                kind = Kind.FILE
                target = merged.ordinal(link or b"")
                sha256 = merged.sha256s[target] if target is not None else None
                link = link if sha256 is None else None
            rows[path] = {
                "type": kind,
                "mode": merged.modes[row],
                "owner": (merged.uids[row], merged.gids[row]),
                "mtime": None if merged.implied[row] else merged.mtimes[row],
                "link": link,
                "content": sha256,
                "xattrs": merged.xattrs[row] or None,
            }
        known.append(rows)
    old, new = known
    found: dict[bytes, tuple[str, ...]] = dict.fromkeys(old.keys() - new.keys(), ("removed",))
    found |= dict.fromkeys(new.keys() - old.keys(), ("added",))
    for path in old.keys() & new.keys():
        one, other = old[path], new[path]
        alike = one["type"] == other["type"]
        what = {
            "content": alike
            and one["type"] is Kind.FILE
            and (one["content"] != other["content"] or (one["content"] is None and one["link"] is None)),
            "type": not alike,
            "mode": one["mode"] != other["mode"],
            "owner": one["owner"] != other["owner"],
            "mtime": None not in (one["mtime"], other["mtime"]) and one["mtime"] != other["mtime"],
            "link": alike and one["link"] != other["link"],
            "xattrs": one["xattrs"] != other["xattrs"],
        }
        if any(what.values()):
            found[path] = ("modified", *(name for name, holds in what.items() if holds))
    return dict(sorted(found.items()))


def test_what_differs_is_named_path_by_path() -> None:
    before = [file("a", 1), file("b", 2), file("c", 3), symlink("d", "a"), folder("e"), file("g", 7)]
    after = [
        file("a", 1, mtime=5),
        file("b", 2, content="x", mode=0o600),
        symlink("d", "b"),
        file("e"),
        file("f", 6),
        file("g", 7),
    ]
    diff = view_diff(view(before), view(after))
    assert told(diff) == {
        "a": ("modified", "mtime"),
        "b": ("modified", "content", "mode"),
        "c": ("removed",),
        "d": ("modified", "link"),
        "e": ("modified", "type", "mode"),
        "f": ("added",),
    }
    assert diff.same == 1
    assert (diff.first[2], diff.second[2]) == (2, ABSENT)
    assert (diff.first_sizes, diff.second_sizes) == ([1, 2, 3, 1, 0, 0], [1, 2, 0, 1, 0, 6])


def test_times_alone_are_nothing_where_meaning_counts() -> None:
    before = [file("a", 1), file("b", 2)]
    diff = view_diff(view(before), view([replace(entry, mtime=5) for entry in before[:1]], [file("b", 3, mtime=5)]))
    assert told(diff) == {"a": ("modified", "mtime"), "b": ("modified", "content", "mtime")}
    assert told(diff.semantic) == {"b": ("modified", "content")}
    assert (diff.same, diff.semantic.same) == (0, 1)


def test_whichever_name_of_an_inode_holds_the_bytes_nothing_differs() -> None:
    first = view([file("a", 4), hardlink("b", "a")])
    second = view([file("b", 4), hardlink("a", "b")])
    assert told(view_diff(first, second)) == {}


def test_a_hard_link_and_a_file_of_the_same_bytes_are_the_same() -> None:
    assert told(view_diff(view([file("a", 4), hardlink("b", "a")]), view([file("a", 4), file("b", 4)]))) == {}


def test_views_with_nothing_in_them() -> None:
    assert len(view_diff(view([]), view([]))) == 0
    assert told(view_diff(view([]), view([file("a", 1)]))) == {"a": ("added",)}
    assert told(view_diff(view([file("a", 1)]), view([]))) == {"a": ("removed",)}


def test_rows_are_told_by_what_lies_in_a_folder() -> None:
    diff = view_diff(view([file("a/x", 1), file("a-b", 2)]), view([file("a/y/z", 4), file("a-b", 3)]))
    parts = {name: diff.totals_of(*spans) for name, spans in diff.parts(b"").items()}
    assert {name: part[Change.ADDED].second for name, part in parts.items()} == {b"a": 4, b"a-b": 0}
    assert parts[b"a"][Change.REMOVED].first == 1
    assert parts[b"a-b"][Change.MODIFIED].paths == 1
    assert list(diff.parts(b"a")) == [b"x", b"y"]
    assert diff.parts(b"nowhere") == {}


@FEWER
@given(stacks(), stacks())
def test_the_differences_are_those_of_a_plain_comparison(first: list[list[Entry]], second: list[list[Entry]]) -> None:
    old, new = view(*first), view(*second)
    diff = view_diff(old, new)
    expected = plainly(old, new)
    assert dict(zip(diff.paths, told_bytes(diff), strict=True)) == expected
    assert diff.same == len(set(old.paths) & set(new.paths)) - sum(what[0] == "modified" for what in expected.values())
    grown = sum(side.second - side.first for side in diff.totals.values())
    unlinked = sum(new.sizes) - sum(old.sizes) - grown
    same = set(old.paths) & set(new.paths) - set(diff.paths)
    assert unlinked == sum(new.sizes[new.ordinal(p) or 0] - old.sizes[old.ordinal(p) or 0] for p in same)
    parts = [row for spans in diff.parts(b"").values() for span in spans for row in span]
    assert sorted(parts) == list(range(len(diff)))


def told_bytes(diff: ViewDiff) -> list[tuple[str, ...]]:
    return [(Change(c).label, *labels(m)) for c, m in zip(diff.changes, diff.masks, strict=True)]
