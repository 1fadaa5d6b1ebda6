"""What a search finds, and in which order."""

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.globs import glob_pattern
from analyzer.filetree.listing import Listing
from analyzer.selectors.entry_select import listed, mask_of, ordered, picked
from analyzer.selectors.entry_source import layer_source

FILES = {
    "etc/passwd": 30,
    "usr/lib/libssl.so.3": 700,
    "usr/lib/x86/libc.so.6": 900,
    "usr/share/doc/README.txt": 5,
    "Makefile": 60,
}


def listing_of(files: dict[str, int] | dict[bytes, int]) -> Listing:
    members = Members()
    for name, size in files.items():
        members.paths.append(name.encode() if isinstance(name, str) else name)
        members.sizes.append(size)
        members.kinds.append(Kind.FILE)
        members.modes.append(0o644)
        members.mtimes.append(size * 10**9)
        members.sha256s.append(bytes(32))
        for column in (members.uids, members.gids, members.offsets):
            column.append(0)
        for nothing in (members.links, members.xattrs):
            nothing.append(None)
        members.count += 1
    return Listing.build(members, Limits())[0]


def found(text: str, kind: str = "", files: dict[str, int] | None = None) -> set[str]:
    listing = listing_of(files or FILES)
    mask = mask_of(listing, None, text, kind, "")
    assert mask is not None
    return {path.decode() for path, matters in zip(listing.paths, mask, strict=True) if matters}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SSL", {"usr/lib/libssl.so.3"}),
        ("lib/x", {"usr/lib/x86", "usr/lib/x86/libc.so.6"}),
        ("/etc/passwd", {"etc/passwd"}),
        ("*.so.*", {"usr/lib/libssl.so.3", "usr/lib/x86/libc.so.6"}),
        ("usr/lib/*", {"usr/lib/libssl.so.3", "usr/lib/x86"}),
        (
            "usr/**",
            {"usr/lib", "usr/lib/libssl.so.3", "usr/lib/x86", "usr/lib/x86/libc.so.6", "usr/share"}
            | {"usr/share/doc", "usr/share/doc/README.txt"},
        ),
        ("**/lib*.so.?", {"usr/lib/libssl.so.3", "usr/lib/x86/libc.so.6"}),
        ("/Make*", {"Makefile"}),
        ("make*", {"Makefile"}),
        ("[mr]*e*", {"Makefile", "usr/share/doc/README.txt"}),
        ("(x", set()),
        ("a.b", set()),
    ],
)
def test_a_text_is_part_of_a_path_and_a_glob_all_of_it(text: str, names: set[str]):
    assert found(text) == names


def test_a_character_of_several_bytes_is_one():
    files = {"ü.txt": 1, "日本.txt": 1}
    assert found("?.txt", files=files) == {"ü.txt"}
    assert found("??.txt", files=files) == {"日本.txt"}


def test_a_name_with_a_newline_is_matched_to_its_end():
    assert found("**", files={"new\nline": 1, "a": 1}) == {"new\nline", "a"}


def test_a_range_that_is_none_is_taken_as_a_name():
    assert found("[z-a]", files={"dir[z-a]x": 1, "other": 1}) == {"dir[z-a]x"}


@given(st.text(alphabet="ab*?.[]!/", max_size=12), st.text(alphabet="ab./", min_size=1, max_size=12))
def test_no_glob_fails(pattern: str, name: str):
    listing = listing_of({name.strip("/") or "a": 1})
    mask_of(listing, None, pattern, "", "")


@given(st.text(alphabet="ab.*?", min_size=1, max_size=8), st.text(alphabet="ab.", min_size=1, max_size=8))
def test_a_glob_without_a_slash_matches_names_as_fnmatch_does(pattern: str, name: str):
    if "*" not in pattern and "?" not in pattern:
        return
    ours = re.search(glob_pattern(pattern), name) is not None
    # `**` crosses folders; without any it is one star.
    assert ours == fnmatch.fnmatchcase(name, pattern)


def test_every_kind_has_a_word():
    listing = listing_of(FILES)
    assert set(mask_of(listing, None, "", "file", "") or b"") == {0, 1}
    assert not any(mask_of(listing, None, "", "nonsense", "") or b"")
    assert not any(mask_of(listing, None, "", "", "added") or b"")  # no chain, no changes
    assert mask_of(listing, None, "", "", "") is None


def test_folders_that_are_only_implied_are_found_but_not_listed():
    listing = listing_of(FILES)
    source = layer_source(listing, None, mask_of(listing, None, "usr", "", ""))
    assert "usr/lib" in {listing.paths[row].decode() for row in picked(source)}
    assert {listing.paths[row].decode() for row in listed(source)} == {name for name in FILES if name.startswith("usr")}
    assert "dir" not in {Kind(listing.kinds[row]).label for row in listed(layer_source(listing, None))}


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("name", "Makefile"),
        ("-name", "usr/share/doc/README.txt"),
        ("size", "usr/share/doc/README.txt"),
        ("-size", "usr/lib/x86/libc.so.6"),
        ("-mtime", "usr/lib/x86/libc.so.6"),
        ("nonsense", "Makefile"),
    ],
)
def test_rows_come_in_the_order_that_is_asked_for(sort: str, first: str):
    listing = listing_of(FILES)
    source = layer_source(listing, None)
    rows = ordered(source, listed(source), sort, cumulated=False)
    assert listing.paths[rows[0]].decode() == first
