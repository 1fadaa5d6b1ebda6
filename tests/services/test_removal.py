"""Deleting an image frees exactly what only it used."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from analyzer.models import Archive, Blob, Chain, Content, Image, Layer, LayerListing, Reference, Team
from analyzer.services import keeping, removal
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring, run_job

BASE = layer({"etc/motd": b"hello", "shared": b"1"})
APP = layer({"srv/app": b"code", "shared": b"1"})


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Image, Layer, LayerListing, Blob, Chain, Content)}


def test_what_another_image_uses_stays(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, docker_save(image([BASE])), cast.team)
    before = counts()
    bring(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    gone = Image.objects.get(references__repository="docker.io/library/shop")
    assert removal.preview(gone, cast.team) == removal.Freed(layers=1, size=5, blob_bytes=0)
    assert removal.remove_image(gone, cast.team).size == 5
    assert counts() == before
    assert Content.objects.get(size=1).copies == 1
    assert not Reference.objects.exists()


def test_nothing_is_left_of_the_last_image(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    removal.remove_image(Image.objects.get(), cast.team)
    assert not any(counts().values())
    assert not Archive.objects.exists()


def test_an_image_that_another_team_holds_stays_theirs(cast: Cast, tmp_path: Path) -> None:
    members = docker_save(image([BASE], tags=["shop:1"]))
    bring(tmp_path, members, cast.team)
    bring(tmp_path, members, cast.other_team)
    before = counts()
    freed = removal.remove_image(Image.objects.get(), cast.team)
    assert freed.size == 0
    assert counts() == before
    assert list(Image.objects.get().teams.all()) == [cast.other_team]
    assert Reference.objects.get().team == cast.other_team


def test_kept_blobs_are_deleted_with_their_layer(
    cast: Cast, tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Any]]]
) -> None:
    run_job(tmp_path, docker_save(image([BASE])), cast.team)
    store = keeping.store()
    assert store.has(BASE.digest)
    with django_capture_on_commit_callbacks(execute=True):
        freed = removal.remove_image(Image.objects.get(), cast.team)
    assert freed.blob_bytes == len(BASE.tar)
    assert not store.has(BASE.digest)


def test_orphans_of_a_cancelled_job_are_swept(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, docker_save(image([BASE, APP])), cast.team)
    Image.objects.all().delete()
    removal.remove_orphans(older_than=timedelta(hours=1))
    assert Layer.objects.count() == 2, "young ones may belong to a job at work"
    removal.remove_orphans(older_than=timedelta(seconds=-1))
    assert not any(counts().values())


LAYERS = [layer({name: name.encode(), "same": b"same"}) for name in "abcd"]
STACKS = st.lists(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=4), min_size=1, max_size=4)


class AnyOrder(TestCase):
    @given(stacks=STACKS, data=st.data())
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def test_images_may_go_in_any_order_and_counts_stay_right(
        self, stacks: list[list[object]], data: st.DataObject
    ) -> None:
        team = Team.objects.create(name="any", slug="any")
        with tempfile.TemporaryDirectory() as folder:
            for number, stack in enumerate(stacks):
                built = image(stack, tags=[f"app:{number}"])  # type: ignore[arg-type]
                bring(Path(folder), docker_save(built), team)
        images = list(Image.objects.order_by("pk"))
        for gone in data.draw(st.permutations(images)):
            removal.remove_image(gone, team)
            held = Layer.objects.filter(image_layers__isnull=False).distinct()
            assert Layer.objects.count() == held.count()
            same = Content.objects.filter(size=4).first()
            assert (same.layers if same else 0) == held.count()
        assert not any(counts().values())
