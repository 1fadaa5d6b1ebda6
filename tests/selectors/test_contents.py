"""Distinct contents of a set of layers: of all there are by the table, of some by their listings."""

from pathlib import Path
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.listing import Listing
from analyzer.models import ImageLayer, Layer, LayerListing
from analyzer.selectors import contents
from analyzer.selectors.contents import Contents, contents_of
from analyzer.services.contents import add, rows_of
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
    with transaction.atomic():
        add(rows_of(listing))
    return stored


def test_a_content_in_two_layers_is_counted_once():
    one = store("one", {"a": "same", "b": "other"})
    two = store("two", {"c": "same", "d": "third"})
    store("unseen", {"e": "hidden"})
    assert contents_of([one.pk, two.pk]) == Contents(3, len("sameotherthird"))


def test_of_all_layers_the_table_and_the_listings_tell_the_same(cast: Cast, tmp_path: Path):
    first, second = layer({"a": b"same", "b": b"other"}), layer({"c": b"same", "d": b"third", "e": b""})
    bring(tmp_path, docker_save(image([first, second], tags=["app:1"])), cast.team)
    layers = list(Layer.objects.values_list("pk", flat=True))
    by_table = contents_of(layers)
    store("unseen", {"f": "hidden"})
    assert by_table == contents_of(layers) == Contents(4, len("sameotherthird"))


CONTENTS = st.sampled_from(["", "a", "bb", "ccc", "dddd", "eeeee"])


@settings(max_examples=25)
@given(
    layers=st.lists(st.dictionaries(st.sampled_from("pqrs"), CONTENTS), min_size=1, max_size=4),
    most=st.integers(1, 9),
    read=st.sampled_from([0.0, 1000.0]),
)
def test_the_count_is_that_of_a_set_of_contents(layers: list[dict[str, str]], most: int, read: float):
    distinct = {content for files in layers for content in files.values()}
    with transaction.atomic():
        pks = [store(f"layer {number}", files).pk for number, files in enumerate(layers)]
        store("unseen", {"t": "hidden", "u": "ccc"})
        with mock.patch.object(contents, "MOST_ROWS", most), mock.patch.object(contents, "READ", read):
            cache.clear()
            assert contents_of(pks, patient=True) == Contents(len(distinct), sum(map(len, distinct)))
        transaction.set_rollback(True)


def test_no_layers_hold_nothing():
    assert contents_of([]) == Contents(0, 0)


def test_what_would_take_long_is_counted_only_for_who_waits(monkeypatch: pytest.MonkeyPatch):
    one, _ = store("one", {"a": "x"}), store("unseen", {"b": "y"})
    monkeypatch.setattr(contents, "QUICK", 0.1)
    assert contents_of([one.pk]) is None
    assert contents_of([one.pk], patient=True) == Contents(1, 1)
    assert contents_of([one.pk]) == Contents(1, 1)


def test_what_other_layers_hold_alone_is_subtracted_where_that_is_less_work(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    mine = [layer({"a": b"same", "b": b"other"}), layer({"c": b"same", "d": b"third", "e": b"", "f": b"common"})]
    others = [layer({"g": b"alone"}), layer({"h": b"common", "i": b"between", "j": b"alone"}), layer({"k": b"between"})]
    bring(tmp_path, docker_save(image(mine, tags=["app:1"]), image(others, tags=["other:1"])), cast.team)
    pks = set(
        ImageLayer.objects.filter(image__references__repository="docker.io/library/app").values_list("layer", flat=True)
    )
    expected = Contents(5, len("sameotherthirdcommon"))
    with mock.patch.object(contents, "_count") as count:
        monkeypatch.setattr(contents, "READ", 1000.0)
        assert contents_of(pks, patient=True) == expected
    count.assert_not_called()
    cache.clear()
    monkeypatch.setattr(contents, "READ", 0.0)
    assert contents_of(pks, patient=True) == expected


def test_listings_are_read_once_for_the_same_layers():
    one, _ = store("one", {"a": "x"}), store("unseen", {"b": "y"})
    contents_of([one.pk])
    with mock.patch.object(contents, "_count") as count:
        assert contents_of([one.pk]) == Contents(1, 1)
    count.assert_not_called()


def test_what_is_gathered_is_made_distinct_in_between(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(contents, "MOST_ROWS", 4)
    layers = [store(f"l{number}", {"a": f"content-{number}", "b": "same"}) for number in range(5)]
    store("unseen", {"b": "y"})
    assert contents_of([item.pk for item in layers]) == Contents(6, 5 * len("content-0") + 4)
