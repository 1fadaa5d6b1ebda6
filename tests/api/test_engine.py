"""The Docker Engine by the API: what the pages show, and an image taken in."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from analyzer.models import Job, JobSource
from tests.api.client import Api
from tests.cast import Cast
from tests.registry.engines import CONTAINER, IMAGE_ID, FakeEngine, fake_engine

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(settings: Settings) -> Iterator[FakeEngine]:
    with fake_engine() as made:
        settings.DOCKER_ENGINE = made.context()
        yield made


@pytest.fixture
def alice(cast: Cast) -> Api:
    """Alice runs the instance."""
    User.objects.filter(pk=cast.alice.pk).update(is_superuser=True)
    cast.alice.refresh_from_db()
    return Api(cast.alice)


def test_images_containers_and_changes_are_those_of_the_pages(engine: FakeEngine, alice: Api, cast: Cast) -> None:
    page = cast.client(cast.alice)
    assert alice.get("engine/images/").json() == page.get("/engine/?format=json").json()
    assert alice.get("engine/containers/").json() == page.get("/engine/?part=containers&format=json").json()
    changes = alice.get(f"engine/containers/{CONTAINER}/changes/").json()
    assert changes == page.get(f"/engine/containers/{CONTAINER}/?format=json").json()
    assert changes["size"] == 320


def test_taking_an_image_in_names_its_job(engine: FakeEngine, alice: Api, cast: Cast) -> None:
    body = f'{{"image": "{IMAGE_ID}", "team": "{cast.team.slug}"}}'
    taken = alice.call("POST", "engine/intakes/", body, "application/json")
    job = Job.objects.get()
    assert taken.status_code == 202
    assert taken["Location"] == f"/api/v1/jobs/{job.pk}/"
    assert job.source == JobSource.DOCKER_DAEMON


def test_an_engine_that_is_away_is_a_problem(engine: FakeEngine, alice: Api) -> None:
    engine.answers["/images/json"] = (500, {"message": "disk on fire"})
    response = alice.get("engine/images/")
    assert response.status_code == 502
    assert "disk on fire" in response.json()["detail"]


def test_a_bad_id_gives_404(engine: FakeEngine, alice: Api) -> None:
    assert alice.get("engine/containers/nothing/changes/").status_code == 404


def test_for_others_there_is_no_engine(engine: FakeEngine, cast: Cast) -> None:
    charlie = Api(cast.charlie)
    body = f'{{"image": "{IMAGE_ID}", "team": "{cast.other_team.slug}"}}'
    assert charlie.get("engine/images/").status_code == 404
    assert charlie.get("engine/containers/").status_code == 404
    assert charlie.get(f"engine/containers/{CONTAINER}/changes/").status_code == 404
    assert charlie.call("POST", "engine/intakes/", body, "application/json").status_code == 404
    assert not engine.asked
