"""Near misses are found when a layer is indexed, whichever of two comes later, and go with either of them."""

from pathlib import Path

import pytest
from django.conf import settings

from analyzer.filetree.listing import Listing
from analyzer.models import Image, Layer, LayerSketch, NearMiss, SketchContent
from analyzer.sample.images import build
from analyzer.services import indexing, removal
from analyzer.services.assembly import Sender
from analyzer.services.foreground import take_in
from analyzer.services.nearmisses import near_misses
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.images import Layer as TarLayer
from tests.taking import bring
from tests.tars import File

CODE = {f"srv/{number}": bytes([number]) * 20_000 for number in range(10)}
FIRST = layer(CODE)
OWNED = layer({path: File(data=data, uid=1000) for path, data in CODE.items()})
CACHED = layer(CODE | {"var/cache": b"1" * 300_000})
OTHER = layer({"srv/0": b"quite another thing" * 10_000})


def bring_one(folder: Path, cast: Cast, name: str, *layers: TarLayer) -> None:
    bring(folder, docker_save(image(layers, tags=[f"{name}:1"])), cast.team, name=f"{name}.tar")
    indexing.ensure_indexed()


def found() -> set[tuple[str, str]]:
    return {(str(pair.first.diff_id), str(pair.second.diff_id)) for pair in NearMiss.objects.all()}


def either_way(first: TarLayer, second: TarLayer) -> set[tuple[str, str]]:
    pks = {str(each.diff_id): each.pk for each in Layer.objects.all()}
    one, two = sorted((first.diff_id, second.diff_id), key=lambda diff_id: pks[diff_id])
    return {(one, two)}


def test_a_layer_that_comes_later_finds_its_near_misses(cast: Cast, tmp_path: Path):
    bring_one(tmp_path, cast, "one", FIRST)
    assert not found()
    bring_one(tmp_path, cast, "two", OWNED, OTHER)
    assert found() == either_way(FIRST, OWNED)
    pair = NearMiss.objects.get()
    assert (pair.common, pair.larger, pair.rest, pair.aside) == (200_000, 200_000, 200_000, 0)
    assert pair.differs == {"owner": 10}
    assert pair.files == []


def test_layers_of_one_image_are_compared_too(cast: Cast, tmp_path: Path):
    bring_one(tmp_path, cast, "fat", FIRST, OWNED)
    assert found() == either_way(FIRST, OWNED)


def test_the_files_that_are_set_aside_are_named_with_their_bytes_on_either_side(cast: Cast, tmp_path: Path):
    bring_one(tmp_path, cast, "one", FIRST)
    bring_one(tmp_path, cast, "two", CACHED)
    pair = NearMiss.objects.get()
    assert (pair.common, pair.larger, pair.rest, pair.aside) == (200_000, 500_000, 200_000, 1)
    assert pair.differs == {"files": 1}
    assert pair.files == [{"path": "var/cache", "first": 0, "second": 300_000, "aside": True}]


def test_sides_are_those_of_the_pair_whichever_was_indexed_last(cast: Cast, tmp_path: Path):
    bring_one(tmp_path, cast, "one", FIRST)
    bring_one(tmp_path, cast, "two", CACHED)
    before = NearMiss.objects.values().get()
    stored = Layer.objects.get(diff_id=FIRST.diff_id)
    near_misses(stored, _listing(stored))()
    assert NearMiss.objects.values().get() | {"id": before["id"]} == before


def test_indexing_again_changes_nothing(cast: Cast, tmp_path: Path):
    bring_one(tmp_path, cast, "fat", FIRST, OWNED, CACHED)
    counts = [model.objects.count() for model in (NearMiss, LayerSketch, SketchContent)]
    assert counts[:2] == [3, 3]
    for stored in Layer.objects.all():
        near_misses(stored, _listing(stored))()
    assert [model.objects.count() for model in (NearMiss, LayerSketch, SketchContent)] == counts


def test_what_was_found_goes_with_either_layer(cast: Cast, tmp_path: Path):
    bring_one(tmp_path, cast, "one", FIRST)
    bring_one(tmp_path, cast, "two", OWNED)
    removal.remove_image(Image.objects.get(layers__diff_id=FIRST.diff_id), cast.team)
    assert not NearMiss.objects.exists()
    assert LayerSketch.objects.count() == 1
    assert set(SketchContent.objects.values_list("layer__diff_id", flat=True)) == {OWNED.diff_id}


def test_a_layer_that_goes_while_another_is_compared_with_it_leaves_no_pair(cast: Cast, tmp_path: Path):
    bring_one(tmp_path, cast, "one", FIRST)
    bring_one(tmp_path, cast, "two", OWNED)
    stored = Layer.objects.get(diff_id=OWNED.diff_id)
    write = near_misses(stored, _listing(stored))
    removal.remove_image(Image.objects.get(layers__diff_id=FIRST.diff_id), cast.team)
    write()
    assert not NearMiss.objects.exists()


def test_the_sample_has_a_near_miss_with_the_file_that_is_never_the_same(cast: Cast, tmp_path: Path):
    build(tmp_path / "sample.tar")
    take_in(tmp_path / "sample.tar", Sender(cast.team, None, "sample.tar"), settings.LIMITS, tmp_path)
    indexing.ensure_indexed()
    files = [[file["path"] for file in pair.files] for pair in NearMiss.objects.order_by("-common")]
    assert ["root/.npm/_cacache/index"] in files


@pytest.mark.parametrize("size", [10, 60_000])
def test_layers_with_less_than_the_threshold_in_common_are_passed_over(cast: Cast, tmp_path: Path, size: int):
    small = {"a": b"x" * size}
    bring_one(tmp_path, cast, "one", layer(small), layer(small | {"b": b""}), layer(), layer({"c": b""}))
    assert not NearMiss.objects.exists()
    assert not SketchContent.objects.exists()


def _listing(stored: Layer) -> Listing:
    return Listing.from_parquet(bytes(stored.listing.document))
