"""A worker killed with SIGKILL anywhere: nothing is there by halves, and the next one brings it to its end."""

from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from analyzer.models import (
    Archive,
    Chain,
    Content,
    Image,
    Job,
    JobLayer,
    JobState,
    Layer,
    LayerIndex,
    LayerPackage,
    LayerPosting,
    LayerSecret,
    SecretSearch,
)
from analyzer.services import indexing
from analyzer.services.jobs import create_job
from tests.archives import Opaque, docker_save, image, layer, write
from tests.cast import Cast
from tests.killing import killed_before
from tests.secrets.made_up import private_key
from tests.taking import run_job, run_steps

pytestmark = pytest.mark.django_db(transaction=True)

STATUS = b"".join(b"Package: p%d\nVersion: 1\nStatus: install ok installed\n\n" % number for number in range(30))
BASE = layer({"var/lib/dpkg/status": STATUS, "srv/data": b"x" * 4_000, "root/.ssh/id_rsa": private_key().encode()})
APP = layer([("srv", Opaque()), ("srv/app", b"code")], compression="gzip")
SHOP = image([BASE, APP], tags=["shop:1"])
INDEX = (LayerPosting, LayerPackage, LayerSecret, SecretSearch)
OF_INDEX, OF_JOB = 3, 9
"""An index asks for some forty things, a job for some hundred: it is killed before every third, and every ninth."""


def past() -> Any:
    return timezone.now() - timedelta(seconds=1)


def rows(of: Layer) -> dict[str, list[tuple[Any, ...]]]:
    """The layer's index."""
    return {
        model.__name__: sorted(model.objects.filter(layer=of).values_list(*_fields(model)), key=repr) for model in INDEX
    }


def _fields(model: type[Any]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if not field.primary_key]


def test_an_index_is_there_whole_or_not_at_all(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(SHOP), cast.team)
    indexing.index_layer(Layer.objects.get(diff_id=APP.diff_id))  # processes that are made now have it all loaded
    stored = Layer.objects.get(diff_id=BASE.diff_id)
    for place in count(0, OF_INDEX):
        if not killed_before(place, partial(indexing.index_layer, stored)):
            break
        last = place
        assert not any(rows(stored).values()), f"killed before statement {place}"
        assert list(LayerIndex.objects.filter(layer=stored).values_list("steps", flat=True)) in ([], [""])
        LayerIndex.objects.update(lease_until=past(), attempt=0)
    assert last > 15
    whole = rows(stored)
    assert all(whole.values())
    LayerIndex.objects.filter(layer=stored).delete()
    assert killed_before(last, partial(indexing.index_layer, stored))
    LayerIndex.objects.update(lease_until=past())  # as it does by itself, a minute later
    indexing.index_some()
    assert not indexing.waiting().exists()
    assert rows(stored) == whole


def test_an_image_and_its_waste_are_there_whole_or_not_at_all(cast: Cast, tmp_path: Path) -> None:
    members = docker_save(SHOP)
    run_job(tmp_path, members, cast.team)
    undisturbed = figures()
    for place in count(0, OF_JOB):
        clear()
        path = write(tmp_path / "again.tar", members)
        job = create_job(team=cast.team, user=None, name="shop.tar", path=path, size=path.stat().st_size)
        if not killed_before(place, partial(run_steps, job)):
            break
        for shown in Image.objects.all():
            assert shown.image_layers.filter(layer__isnull=False).count() == 2
            assert shown.top_chain is not None
        Job.objects.update(lease_until=past())
        JobLayer.objects.update(lease_until=past())
        run_steps(job)
        job.refresh_from_db()
        assert (job.state, figures()) == (JobState.DONE, undisturbed), f"killed before statement {place}"
    assert place > 60


def figures() -> list[tuple[Any, ...]]:
    """What is stored of images, and of chains with their waste."""
    of_chains = [name for name in _fields(Chain) if not name.endswith("_id") or name == "chain_id"]
    told = Image.objects.values_list("image_id", "size", "top_chain__chain_id")
    return [*told, *Chain.objects.order_by("chain_id").values_list(*of_chains)]


def clear() -> None:
    """Takes away all that a job brings."""
    for rows_of_jobs in (Job.objects, Archive.objects, Image.objects):
        rows_of_jobs.all().delete()
    for chain in Chain.objects.order_by("-depth"):
        chain.delete()
    Layer.objects.all().delete()
    Content.objects.all().delete()
