"""The image that the Dockerfile makes: small, judged by our own gate, and no loss whatever is killed."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.containers import Containers, Docker, Server, postgres, redis
from tests.archives import File, docker_save, image, layer, write
from tests.settings import ROOT

pytestmark = pytest.mark.acceptance

IMAGE, BASE = "layersite:tested", "debian-python:tested"
MOST_BYTES = 340_000_000
FILES = 20_000


@pytest.fixture(scope="module")
def docker(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> Docker:
    docker = Docker(docker_host)
    docker.import_base(BASE, tmp_path_factory.mktemp("base"))
    docker.build(IMAGE, BASE, tmp_path_factory.mktemp("context"))
    return docker


@pytest.fixture(scope="module")
def running(docker: Docker) -> Iterator[tuple[Containers, dict[str, Server]]]:
    with ExitStack() as stack:
        database, postgres_server = stack.enter_context(postgres())
        broker, redis_server = stack.enter_context(redis())
        settings = {"DATABASE_URL": database, "BROKER_URL": broker, "JOB_LEASE_SECONDS": "5"}
        containers = Containers(docker, IMAGE, **settings)
        stack.callback(docker, "rm", "--force", "web", "worker", "beat")
        containers.log_in()
        yield containers, {"postgres": postgres_server, "redis": redis_server}


@pytest.fixture
def archives(tmp_path: Path) -> Iterator[Path]:
    """Images that take a second to read each, no two the same."""

    def made() -> Iterator[Path]:
        for number in range(100):
            small = {f"usr/share/{at % 97}/{at}": File(data=b"%d of %d" % (at, number)) for at in range(FILES)}
            big = layer({"noise": random.Random(number).randbytes(64 << 20), **small})
            yield write(tmp_path / f"app-{number}.tar", docker_save(image([big], tags=[f"app-{number}:1"])))

    return made()


def test_it_runs_without_rights_on_a_root_that_is_read_only(
    running: tuple[Containers, dict[str, Server]], docker: Docker
) -> None:
    assert docker("exec", "web", "id", "-u") == "10001"
    for place in ("/app/x", "/etc/x", "/x"):
        with pytest.raises(AssertionError, match=r"Read-only file system|Permission denied"):
            docker("exec", "web", "touch", place)
    docker("exec", "worker", "touch", "/data/x", "/tmp/x")
    size = int(docker("inspect", "--format", "{{.Size}}", IMAGE))
    base = int(docker("inspect", "--format", "{{.Size}}", BASE))
    print(f"image {size / 1e6:,.0f} MB, of which its base {base / 1e6:,.0f} MB")
    assert size - base <= MOST_BYTES


def test_whatever_is_killed_comes_back_and_nothing_is_lost(
    running: tuple[Containers, dict[str, Server]], archives: Iterator[Path]
) -> None:
    site, servers = running
    stored = []
    for victim in ("worker", "redis", "postgres", "web", "beat"):
        job = site.upload(next(archives))
        time.sleep(0.7)
        began = time.monotonic()
        if victim in servers:
            servers[victim].kill()
            time.sleep(2)
            servers[victim].start()
        else:
            site.kill(victim)
        told = site.ended(job)
        assert told["state"] == "done", (victim, told)
        stored += told["images"]
        print(f"{victim} killed: done {time.monotonic() - began:.1f} s later")
        site.healthy()
    assert len(stored) == 5
    for told in stored:
        found = site.ask(f"/api/v1/images/{told['image_id'] if isinstance(told, dict) else told}/")
        assert found["layers"][0]["entries"] > FILES
    assert "Files and rows tell the same." in site.manage("check_storage", "--verify")


def test_its_own_image_passes_our_own_gate(
    running: tuple[Containers, dict[str, Server]], docker: Docker, tmp_path: Path
) -> None:
    site, _ = running
    saved = tmp_path / "layersite.tar"
    docker("save", "--output", str(saved), BASE, IMAGE)
    told = site.ended(site.upload(saved))
    assert told["state"] == "done", told
    docker("cp", str(ROOT / "docker/.layersite-ci.yaml"), "worker:/data/rules.yaml")
    site.manage("find", "etc/passwd", "--json")  # by now every layer is indexed
    gate = ("exec", "web", "python", "manage.py", "gate", IMAGE, "--rules", "/data/rules.yaml")
    print(docker(*gate))
