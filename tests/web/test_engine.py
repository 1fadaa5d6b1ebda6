"""The Docker Engine: its page, taking an image in, a container's changes, and the dashed layer of the stack."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from analyzer.models import Image, Job, JobSource, JobState, Team
from analyzer.services import jobs, work
from tests.archives import docker_save, image, layer, write
from tests.cast import Cast
from tests.registry.engines import CONTAINER, IMAGE_ID, FakeEngine, fake_engine
from tests.taking import bring, run_steps
from tests.web.budget import get_within_budget

pytestmark = pytest.mark.django_db(transaction=True)

LAYER = layer({"srv/app": b"code"})
APP = docker_save(image([LAYER], tags=["app:1"]))


@pytest.fixture
def engine(settings: Settings) -> Iterator[FakeEngine]:
    with fake_engine() as made:
        settings.DOCKER_ENGINE = made.context()
        settings.DOCKER_ENGINE_USERS = frozenset({"bob"})
        yield made


@pytest.fixture
def alice(cast: Cast) -> Client:
    """Alice runs the instance."""
    User.objects.filter(pk=cast.alice.pk).update(is_superuser=True)
    cast.alice.refresh_from_db()
    return cast.client(cast.alice)


def stand_on(engine: FakeEngine, image_id: str) -> None:
    """The engine's container and image are of this image."""
    engine.answers["/images/json"][0]["Id"] = image_id
    engine.answers["/containers/json"][0]["ImageID"] = image_id
    engine.answers[f"/containers/{CONTAINER}/json"]["Image"] = image_id


def stored(engine: FakeEngine, team: Team, folder: Path) -> Image:
    bring(folder, APP, team)
    made = Image.objects.get()
    stand_on(engine, made.image_id)
    return made


def test_the_page_lists_images_and_containers(engine: FakeEngine, alice: Client) -> None:
    text = get_within_budget(alice, "/engine/").content.decode()
    assert "The engine has 1 image" in text
    assert "app:1, app:latest" in text
    assert "writer" in text
    assert "SECRET" not in text
    assert "Docker Engine 20.10.24" in text
    assert "layersite 20.10.24" not in text


def test_the_page_that_adds_images_asks_for_it(engine: FakeEngine, alice: Client) -> None:
    assert 'hx-get="/engine/"' in alice.get("/add/").content.decode()
    part = alice.get("/engine/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "app:1" in part


def test_twins_have_the_same_figures(engine: FakeEngine, alice: Client) -> None:
    (image_row,) = alice.get("/engine/?format=json").json()["images"]
    assert (image_row["image_id"], image_row["size"], image_row["stored"]) == (IMAGE_ID, 1234, False)
    (container,) = alice.get("/engine/?part=containers&format=json").json()["containers"]
    assert (container["name"], container["size"]) == ("writer", 320)
    assert alice.get("/engine/?part=containers&format=csv").content.decode().splitlines()[1].startswith(CONTAINER)


@pytest.mark.usefixtures("own_folders")
def test_an_image_is_taken_in_from_its_stream(engine: FakeEngine, alice: Client, cast: Cast, tmp_path: Path) -> None:
    engine.answers["/images/get"] = write(tmp_path / "saved.tar", APP).read_bytes()
    assert alice.post("/engine/take/", {"team": cast.team.slug, "image": IMAGE_ID}).status_code == 302
    job = Job.objects.get()
    assert (job.source, job.reference, job.name) == (JobSource.DOCKER_DAEMON, "app:1 app:latest", "app:1")
    run_steps(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert job.archive is not None
    assert job.archive.format == "docker-daemon"
    assert job.size == job.fetched == len(engine.answers["/images/get"])
    assert [name for _, _, names in os.walk(site.PULL_DIR) for name in names] == []


@pytest.mark.parametrize("keep", [True, False])
def test_each_byte_of_a_stream_is_written_once(
    engine: FakeEngine, cast: Cast, tmp_path: Path, settings: Settings, *, keep: bool
) -> None:
    """The kept blob is the file that the stream was written to; where none is kept, that is gone with the job."""
    settings.KEEP_BLOBS = keep
    settings.BLOB_DIR = tmp_path / "blobs"
    engine.answers["/images/get"] = write(tmp_path / "saved.tar", APP).read_bytes()
    job = _job(cast)
    work.open_step(str(job.pk))
    written = {path.stat().st_ino: path for path in Path(job.path).iterdir()}
    assert sum(path.stat().st_size for path in written.values()) < len(engine.answers["/images/get"])
    row = job.layers.get()
    run_steps(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    blob = settings.BLOB_DIR / "sha256" / LAYER.diff_id[7:9] / LAYER.diff_id[7:]
    assert blob.exists() is keep
    if keep:
        assert written[blob.stat().st_ino] == Path(row.path)
        assert (blob.stat().st_nlink, blob.read_bytes()) == (1, LAYER.blob)
    assert not Path(job.path).exists()


def test_an_engine_that_breaks_off_fails_the_job_and_another_try_begins_anew(
    engine: FakeEngine, alice: Client, cast: Cast, tmp_path: Path
) -> None:
    engine.answers["/images/get"] = write(tmp_path / "saved.tar", APP).read_bytes()
    engine.cut = True
    engine.answers["/images/json"].append({"Id": "x", "RepoTags": None, "Size": 1})
    job = _job(cast)
    run_steps(job)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "broke off its answer" in job.error
    assert not Image.objects.exists()
    engine.cut = False
    jobs.retry_job(job)
    run_steps(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def _job(cast: Cast) -> Job:
    path = Path(site.PULL_DIR) / "layout-test"
    return Job.objects.create(
        team=cast.team, name="app:1", path=str(path), source=JobSource.DOCKER_DAEMON, reference="app:1"
    )


def test_a_containers_changes_are_told_with_sizes(engine: FakeEngine, alice: Client) -> None:
    text = get_within_budget(alice, f"/engine/containers/{CONTAINER}/").content.decode()
    assert "1 added, 2 changed, 1 deleted" in text
    assert "/etc/motd" in text
    rows = alice.get(f"/engine/containers/{CONTAINER}/?format=json").json()["changes"]
    assert [(row["change"], row["path"], row["size"]) for row in rows] == [
        ("C", "etc", None),
        ("C", "etc/motd", 20),
        ("A", "new", 300),
        ("D", "old", None),
    ]


def test_names_in_a_container_are_escaped(engine: FakeEngine, alice: Client) -> None:
    engine.answers[f"/containers/{CONTAINER}/changes"] = [{"Path": "/<script>=1", "Kind": 1}]
    assert "<script>=1" not in alice.get(f"/engine/containers/{CONTAINER}/").content.decode()


def test_the_stack_has_the_writable_layer_on_top(engine: FakeEngine, alice: Client, cast: Cast, tmp_path: Path) -> None:
    made = stored(engine, cast.team, tmp_path)
    text = alice.get(f"/images/{made.image_id}/?container={CONTAINER}").content.decode()
    assert "plate writable" in text
    assert "writable layer" in text
    assert "plate writable" not in alice.get(f"/images/{made.image_id}/").content.decode()
    linked = alice.get("/engine/").content.decode()
    assert f"/images/{made.image_id}/?container={CONTAINER}" in linked


def test_a_container_of_another_image_is_not_put_on_this_one(
    engine: FakeEngine, alice: Client, cast: Cast, tmp_path: Path
) -> None:
    made = stored(engine, cast.team, tmp_path)
    stand_on(engine, IMAGE_ID)
    assert alice.get(f"/images/{made.image_id}/?container={CONTAINER}").status_code == 404


def test_an_engine_that_is_away_is_told_where_it_was_asked(
    engine: FakeEngine, alice: Client, cast: Cast, tmp_path: Path
) -> None:
    made = stored(engine, cast.team, tmp_path)
    engine.answers.clear()
    assert alice.get("/engine/").status_code == 404
    part = alice.get("/engine/", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "may have been removed" in part.content.decode()
    assert 'role="alert"' in alice.get(f"/images/{made.image_id}/?container={CONTAINER}").content.decode()


def test_team_access_works_for_whom_the_setting_names(engine: FakeEngine, alice: Client, cast: Cast) -> None:
    bob = cast.client(cast.bob)
    assert bob.get("/engine/").status_code == 200
    assert bob.post("/engine/take/", {"team": cast.team.slug, "image": IMAGE_ID}).status_code == 302


def test_a_bad_id_gives_404(engine: FakeEngine, alice: Client, cast: Cast) -> None:
    assert alice.get(f"/engine/containers/{'d' * 64}/").status_code == 404
    assert alice.get("/engine/containers/nothing/").status_code == 404
    assert alice.post("/engine/take/", {"team": cast.team.slug, "image": "sha256:x"}).status_code == 404
    assert alice.post("/engine/take/", {"team": "nobody", "image": IMAGE_ID}).status_code == 404


def test_for_others_there_is_no_engine(engine: FakeEngine, cast: Cast) -> None:
    charlie = cast.client(cast.charlie)
    assert charlie.get("/engine/").status_code == 404
    assert charlie.get(f"/engine/containers/{CONTAINER}/").status_code == 404
    taken = charlie.post("/engine/take/", {"team": cast.other_team.slug, "image": IMAGE_ID})
    assert taken.status_code == 404
    assert "/engine/" not in charlie.get("/add/").content.decode()
    assert not engine.asked


def test_an_image_goes_to_ones_own_team_only(engine: FakeEngine, alice: Client, cast: Cast) -> None:
    taken = alice.post("/engine/take/", {"team": cast.other_team.slug, "image": IMAGE_ID})
    assert taken.status_code == 404
    assert not Job.objects.exists()


def test_without_the_setting_nobody_has_an_engine(alice: Client) -> None:
    assert alice.get("/engine/").status_code == 404
