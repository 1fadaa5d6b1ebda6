"""Distinct contents of a set of layers: of all there are by the table, of some by their listings."""

from pathlib import Path
from unittest import mock

import pytest

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.listing import Listing
from analyzer.models import Layer, LayerListing
from analyzer.selectors import contents
from analyzer.selectors.contents import Contents, contents_of
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.rows import add_layer
from tests.taking import bring

pytestmark = pytest.mark.django_db


def store(word: str, files: dict[str, str]) -> Layer:
    """A layer with these files; a file's content is a word of as many bytes."""
    members = Members(count=len(files))
    for path, content in files.items():
        members.paths.append(path.encode())
        members.kinds.append(Kind.FILE)
        members.modes.append(0o644)
        members.uids.append(0)
        members.gids.append(0)
        members.sizes.append(len(content))
        members.mtimes.append(0)
        members.links.append(None)
        members.sha256s.append(content.encode().ljust(32, b"\0"))
        members.xattrs.append(None)
        members.offsets.append(0)
    listing, _ = Listing.build(members, Limits())
    stored = add_layer(word, sum(map(len, files.values())), files=len(files))
    LayerListing.objects.create(layer=stored, document=listing.to_parquet())
    return stored


def test_a_content_in_two_layers_is_counted_once():
    one = store("one", {"a": "same", "b": "other"})
    two = store("two", {"c": "same", "d": "third"})
    store("unseen", {"e": "hidden"})
    assert contents_of([one.pk, two.pk], 4) == Contents(3, len("sameotherthird"))


def test_of_all_layers_the_table_and_the_listings_tell_the_same(cast: Cast, tmp_path: Path):
    first, second = layer({"a": b"same", "b": b"other"}), layer({"c": b"same", "d": b"third", "e": b""})
    bring(tmp_path, docker_save(image([first, second], tags=["app:1"])), cast.team)
    layers = list(Layer.objects.values_list("pk", flat=True))
    by_table = contents_of(layers, 5)
    store("unseen", {"f": "hidden"})
    assert by_table == contents_of(layers, 5) == Contents(4, len("sameotherthird"))


def test_no_layers_hold_nothing():
    assert contents_of([], 0) == Contents(0, 0)


def test_what_would_take_long_is_counted_only_for_who_waits():
    one, _ = store("one", {"a": "x"}), store("unseen", {"b": "y"})
    many = contents.QUICK_ENTRIES + 1
    assert contents_of([one.pk], many) is None
    assert contents_of([one.pk], many, patient=True) == Contents(1, 1)
    assert contents_of([one.pk], many) == Contents(1, 1)


def test_listings_are_read_once_for_the_same_layers():
    one, _ = store("one", {"a": "x"}), store("unseen", {"b": "y"})
    contents_of([one.pk], 1)
    with mock.patch.object(contents, "_count") as count:
        assert contents_of([one.pk], 1) == Contents(1, 1)
    count.assert_not_called()


def test_many_listings_are_counted_in_batches(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(contents, "BATCH", 2)
    layers = [store(f"l{number}", {"a": f"content-{number}", "b": "same"}) for number in range(5)]
    store("unseen", {"b": "y"})
    assert contents_of([item.pk for item in layers], 10) == Contents(6, 5 * len("content-0") + 4)
