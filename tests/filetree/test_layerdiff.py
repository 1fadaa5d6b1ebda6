import zlib

import pytest

from analyzer.filetree import varint
from analyzer.filetree.layerdiff import LayerDiff
from analyzer.filetree.listing import Listing
from tests.filetree.stacks import Entry, file, folder, mount, opaque, whiteout


def test_a_diff_comes_back_from_its_stored_form() -> None:
    chain, diffs = mount(
        [folder("a"), file("a/b", 3), file("a/c", 5), file("d", 7)],
        [file("a/b", 4), whiteout("d"), file("e/f")],
        [opaque("a"), folder("a", 0o700), file("e")],
    )
    for depth, diff in enumerate(diffs, 1):
        listings = chain.listings[:depth]
        assert LayerDiff.from_bytes(diff.to_bytes(listings[-1]), listings) == diff


def test_it_takes_only_the_columns_that_it_names() -> None:
    chain, (_, diff) = mount([file("a", 3), file("x")], [whiteout("a"), file("b/c")])
    stored = diff.to_bytes(chain.listings[1])
    below, own = (listing.to_parquet() for listing in chain.listings)
    listings = [Listing.from_parquet(below, ["size"]), Listing.from_parquet(own, ["kind", "implied"])]
    assert LayerDiff.from_bytes(stored, listings) == diff


def test_a_layer_of_plain_additions_is_stored_in_a_few_bytes() -> None:
    entries: list[Entry] = [file(f"d/f{at}", at) for at in range(5000)]
    chain, (diff, _) = mount(entries, [])
    assert len(diff.to_bytes(chain.listings[0])) < 25


def test_a_layer_that_touches_every_file_is_stored_in_less_than_a_byte_an_entry() -> None:
    chain, (_, diff) = mount(
        [file(f"f{at:04}", at) for at in range(2000)], [file(f"f{at:04}", at, uid=9) for at in range(2000)]
    )
    assert len(diff.to_bytes(chain.listings[1])) < 200


def test_bytes_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="another version"):
        LayerDiff.from_bytes(zlib.compress(varint.pack([99]), wbits=-15), [])
