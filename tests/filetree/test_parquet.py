import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Column, Listing
from tests.filetree.stacks import Entry, file, folder, hardlink, listing, symlink, whiteout

COLUMNS = [name for name, column in vars(Listing).items() if isinstance(column, Column)]
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
NAME = st.binary(min_size=1, max_size=6).map(lambda name: name.replace(b"/", b"_").replace(b".wh.", b"_"))


def assert_same(one: Listing, other: Listing) -> None:
    assert len(one) == len(other)
    for column in COLUMNS:
        assert list(getattr(one, column)) == list(getattr(other, column)), column
    assert one.conflicts == other.conflicts
    assert one.size == other.size


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.lists(
        st.builds(
            Entry,
            path=st.lists(NAME, min_size=1, max_size=3).map(b"/".join),
            kind=st.sampled_from([Kind.FILE, Kind.DIR, Kind.CHAR]),
            size=st.integers(0, 1 << 50),
            mode=st.integers(0, 0o7777),
            uid=INT64,
            gid=INT64,
            mtime=INT64,
            link=st.none() | st.binary(max_size=5),
            sha256=st.none() | st.binary(min_size=32, max_size=32),
            xattrs=st.none() | st.dictionaries(st.binary(min_size=1, max_size=4), st.binary(max_size=4), min_size=1),
        ),
        max_size=12,
    )
)
def test_a_listing_comes_back_as_it_was_written(entries: list[Entry]) -> None:
    rows = listing(*entries)
    assert_same(rows, Listing.from_parquet(rows.to_parquet()))


def test_only_the_columns_that_were_asked_for_are_there() -> None:
    document = listing(file("a", 3), folder("b")).to_parquet()
    some = Listing.from_parquet(document, columns=["path", "size"])
    assert (list(some.paths), list(some.sizes), len(some), some.size) == ([b"a", b"b"], [3, 0], 2, 3)
    with pytest.raises(LookupError, match="column mode was not read"):
        _ = some.modes


def test_a_layer_with_conflicts_keeps_them() -> None:
    rows = listing(file("a"), file("a/b"))
    assert rows.conflicts.lost
    assert Listing.from_parquet(rows.to_parquet()).conflicts == rows.conflicts


def test_the_document_is_plain_parquet_with_typed_columns(tmp_path: Path) -> None:
    path = tmp_path / "listing.parquet"
    path.write_bytes(listing(file("a/b", 3)).to_parquet())
    table = pq.read_table(path)
    assert table.schema.field("mtime").type.tz == "UTC"
    assert table.column("path").to_pylist() == [b"a", b"a/b"]
    assert table.column("mtime").null_count == 1  # the implied folder has none
    assert table.column("implied").to_pylist() == [True, False]


def test_a_typical_layer_takes_less_than_40_bytes_an_entry() -> None:
    entries: list[Entry] = []
    for package in range(200):
        entries.append(folder(f"usr/share/doc/package-{package}"))
        when = 10**18 + package * 10**9
        for at in range(20):
            name = f"usr/share/doc/package-{package}/file-{at}.html"
            entries.append(file(name, 1000 + at * package % 977, content=f"{package} {at}", mtime=when))
    document = listing(*entries).to_parquet()
    assert len(document) / len(entries) < 40


def test_contents_that_repeat_are_written_once() -> None:
    apart = listing(*(file(f"f{at:04}", 5, content=str(at)) for at in range(1000))).to_parquet()
    alike = listing(*(file(f"f{at:04}", 5, content=str(at % 10)) for at in range(1000))).to_parquet()
    assert len(apart) - len(alike) > 990 * 30


def test_importing_the_core_does_not_import_pyarrow() -> None:
    code = "import sys, analyzer.filetree.merged; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False).returncode == 0


def test_links_and_whiteouts_come_back() -> None:
    rows = listing(symlink("s", "to\udcff".encode(errors="surrogateescape").decode("latin-1")), hardlink("h", "f"))
    assert_same(rows, Listing.from_parquet(rows.to_parquet()))
    rows = listing(whiteout("a"), whiteout("b/c"))
    assert_same(rows, Listing.from_parquet(rows.to_parquet()))
