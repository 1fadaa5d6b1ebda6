"""A real engine through its API: its images are taken in from their stream, a container's layer is `docker diff`."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from analyzer.models import Job, JobState
from analyzer.registry.daemon import DockerDaemon
from analyzer.registry.engine import EngineContext
from analyzer.selectors.documents import archive_document
from tests.cast import Cast
from tests.commands import run
from tests.engine.engine import Engine
from tests.taking import run_steps

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]

WRITES = (
    "echo new >/new && mkdir -p /deep/er && echo deep >/deep/er/file && echo more >>/etc/passwd"
    " && rm -r /tree && ln -s new /soft && dd if=/dev/zero of=/zeros bs=1024 count=300"
)


@pytest.fixture(scope="module")
def engine(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    made = Engine(docker_host, tmp_path_factory.mktemp("engine"))
    if not made.docker("images", "-q", "base:1"):
        made.build_base()
    made.build("live:1", "FROM base:1\nENV PATH=/bin\nRUN mkdir /tree && echo x >/tree/leaf\n")
    made.docker("tag", "live:1", "second:2")
    made.docker("run", "--name", "live", "--network=none", "live:1", "sh", "-c", WRITES)
    return made


@pytest.fixture
def alice(cast: Cast, engine: Engine, settings: Settings) -> Client:
    settings.DOCKER_ENGINE = EngineContext(engine.host)
    cast.alice.is_superuser = True
    cast.alice.save()
    return cast.client(cast.alice)


def live(engine: Engine) -> Any:
    return engine.get("/images/live:1/json")


def test_images_and_containers_are_those_of_the_engine(engine: Engine) -> None:
    with DockerDaemon(EngineContext(engine.host)) as daemon:
        images, containers = daemon.images(), daemon.containers()
    listed = engine.get("/images/json")
    assert {(one.image_id, one.size) for one in images} == {(one["Id"], one["Size"]) for one in listed}
    names = {name for one in images if one.image_id == live(engine)["Id"] for name in one.names}
    assert names == {"live:1", "second:2"}
    sizes = {one["Id"]: one.get("SizeRw", 0) for one in engine.get("/containers/json?all=1&size=1")}
    assert {one.container_id: one.size for one in containers} == sizes


def test_an_image_taken_in_has_the_document_of_its_upload(engine: Engine, alice: Client, cast: Cast) -> None:
    taken = alice.post("/engine/take/", {"team": cast.team.slug, "image": live(engine)["Id"]})
    assert taken.status_code == 302
    job = Job.objects.get()
    run_steps(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    assert job.archive is not None
    ours = archive_document(job.archive)
    assert ours["archive"]["format"] == "docker-daemon"
    saved = engine.save("live:1", "second:2")
    uploaded = json.loads(run("analyze", str(saved), "--json", "--team", cast.team.slug)[1])
    assert ours["images"] == uploaded["images"]
    assert len(ours["images"][0]["references"]) == 2


def test_a_containers_layer_is_what_docker_diff_says(engine: Engine, alice: Client) -> None:
    container = engine.docker("inspect", "-f", "{{.Id}}", "live").decode().strip()
    told = alice.get(f"/engine/containers/{container}/?format=json").json()
    ours = [f"{row['change']} /{row['path']}" for row in told["changes"]]
    assert sorted(ours) == sorted(engine.docker("diff", "live").decode().splitlines())
    sizes = {row["path"]: row["size"] for row in told["changes"]}
    assert (sizes["zeros"], sizes["new"], sizes["soft"], sizes["deep"], sizes["tree"]) == (307_200, 4, 3, None, None)
    # Every file that is there has its size, and together they are what the engine counts.
    assert sum(size or 0 for size in sizes.values()) == told["size"]


def test_the_container_stands_on_its_image(engine: Engine, alice: Client, cast: Cast) -> None:
    container = engine.docker("inspect", "-f", "{{.Id}}", "live").decode().strip()
    run("analyze", str(engine.save("live:1")), "--json", "--team", cast.team.slug)
    page = alice.get(f"/images/{live(engine)['Id']}/?container={container}")
    assert "plate writable" in page.content.decode()
