"""Layers are indexed once their image is ready: each step once, whoever is killed or deletes meanwhile."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from analyzer.filetree.listing import Listing
from analyzer.models import Image, Layer, LayerIndex, LayerPackage
from analyzer.services import indexing, removal
from analyzer.services.indexing import Step
from analyzer.services.reconcile import reconcile
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring, run_job

BASE = layer({"etc/motd": b"hello"})
APP = layer({"srv/app": b"code"})


def named(layer: Layer, listing: Listing) -> indexing.Write:
    """A step that writes a row an entry."""

    def write() -> None:
        LayerPackage.objects.filter(layer=layer, kind="test").delete()
        LayerPackage.objects.bulk_create(
            LayerPackage(layer=layer, kind="test", name=path.decode(), version="1") for path in listing.paths
        )

    return write


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "STEPS", (Step("named", 1, named),))


@pytest.fixture
def shelf(cast: Cast, tmp_path: Path, steps: None) -> Cast:
    bring(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    return cast


def names() -> list[str]:
    return sorted(LayerPackage.objects.filter(kind="test").values_list("name", flat=True))


@pytest.mark.usefixtures("shelf")
def test_every_layer_of_a_ready_image_waits_until_it_is_indexed() -> None:
    assert indexing.waiting().count() == 2
    done: list[tuple[int, int]] = []
    indexing.ensure_indexed(report=lambda *progress: done.append(progress))
    assert done == [(1, 2), (2, 2)]
    assert names() == ["etc", "etc/motd", "srv", "srv/app"]
    assert not indexing.waiting().exists()


@pytest.mark.usefixtures("shelf")
def test_indexing_twice_changes_nothing() -> None:
    indexing.ensure_indexed()
    for stored in Layer.objects.all():
        indexing.index_layer(stored)
    assert len(names()) == 4


@pytest.mark.usefixtures("shelf")
def test_a_step_of_a_higher_version_runs_again_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    indexing.ensure_indexed()

    def unwanted(layer: Layer, listing: Listing) -> indexing.Write:
        raise AssertionError

    monkeypatch.setattr(indexing, "STEPS", (Step("named", 1, unwanted), Step("more", 1, named)))
    assert indexing.waiting().count() == 2
    indexing.ensure_indexed()
    assert set(LayerIndex.objects.values_list("steps", "failed")) == {("named.1 more.1", "")}


@pytest.mark.usefixtures("shelf")
def test_a_command_runs_only_the_steps_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "STEPS", (Step("named", 1, named), Step("more", 1, named)))
    indexing.ensure_indexed(only=["more"])
    assert set(LayerIndex.objects.values_list("steps", flat=True)) == {"more.1"}
    done: list[int] = []
    indexing.ensure_indexed(only=["more"], report=lambda number, of: done.append(number))
    assert done == []
    assert indexing.waiting().count() == 2
    indexing.ensure_indexed()
    assert set(LayerIndex.objects.values_list("steps", flat=True)) == {"named.1 more.1"}


@pytest.mark.usefixtures("shelf")
def test_a_layer_of_no_image_does_not_wait() -> None:
    Layer.objects.create(diff_id="sha256:" + "0" * 64, size=0, tar_size=0, entries=0)
    assert indexing.waiting().count() == 2


@pytest.mark.usefixtures("shelf")
def test_a_step_that_raises_is_noted_and_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(layer: Layer, listing: Listing) -> indexing.Write:
        raise ValueError("odd file")

    monkeypatch.setattr(indexing, "STEPS", (Step("broken", 1, broken), Step("named", 1, named)))
    indexing.ensure_indexed()
    assert len(names()) == 4
    assert set(LayerIndex.objects.values_list("failed", flat=True)) == {"broken.1"}
    assert not indexing.waiting().exists()


@pytest.mark.usefixtures("shelf")
def test_an_error_of_the_database_is_tried_again_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(layer: Layer, listing: Listing) -> indexing.Write:
        raise OperationalError("gone")

    monkeypatch.setattr(indexing, "STEPS", (Step("away", 1, away),))
    for _ in range(settings.JOB_ATTEMPTS):
        assert indexing.waiting().count() == 2
        indexing.ensure_indexed()
        LayerIndex.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert not indexing.waiting().exists()


@pytest.mark.usefixtures("shelf")
def test_a_layer_that_another_worker_has_in_hands_is_left_to_it() -> None:
    first = Layer.objects.order_by("pk").first()
    assert first is not None
    LayerIndex.objects.create(layer=first, lease_until=timezone.now() + timedelta(minutes=1))
    assert not indexing.index_layer(first)
    indexing.index_some()
    assert not names()
    LayerIndex.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    indexing.index_some()
    assert len(names()) == 4


@pytest.mark.django_db(transaction=True)
def test_a_layer_that_goes_while_it_is_read_leaves_nothing(shelf: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(layer: Layer, listing: Listing) -> indexing.Write:
        if Image.objects.exists():
            removal.remove_image(Image.objects.get(), shelf.team)
        return named(layer, listing)

    monkeypatch.setattr(indexing, "STEPS", (Step("named", 1, too_late),))
    indexing.ensure_indexed()
    assert not names()
    assert not LayerIndex.objects.exists()


def test_what_was_written_goes_with_the_layer(shelf: Cast) -> None:
    indexing.ensure_indexed()
    removal.remove_image(Image.objects.get(), shelf.team)
    assert not names()
    assert not LayerIndex.objects.exists()


@pytest.mark.usefixtures("steps")
def test_the_bell_rings_once_a_job_has_ended_and_again_if_that_was_lost(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr("analyzer.queue.ring", lambda task, *args: rung.append(task))
    run_job(tmp_path, docker_save(image([BASE])), cast.team)
    assert rung[-1] == "index_layers"
    rung.clear()
    reconcile()
    assert rung == ["index_layers"]
    indexing.index_some()
    rung.clear()
    reconcile()
    assert rung == []
