"""Podman through the API that it shares with Docker: its images are taken in, a container's layer is `podman diff`."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from analyzer.models import Job, JobState
from analyzer.registry.engine import EngineContext
from analyzer.selectors.documents import archive_document
from tests.archives import File, Symlink, docker_save, image, layer, write
from tests.cast import Cast
from tests.commands import run
from tests.service import servers
from tests.taking import run_steps

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]

WRITES = (
    "echo new >/new; echo more >>/etc/passwd; rm -r /tree; ln -s new /soft; dd if=/dev/zero of=/zeros bs=1024 count=9"
)


@pytest.fixture
def podman(tmp_path: Path) -> Iterator[servers.Podman]:
    """With one image of two layers and two names, and a container of it that wrote."""
    busybox = shutil.which("busybox")
    assert busybox
    applets = {f"bin/{name}": Symlink(target="busybox") for name in ("sh", "echo", "rm", "ln", "dd")}
    base = layer({"bin/busybox": File(data=Path(busybox).read_bytes(), mode=0o755), **applets})
    more = layer({"etc/passwd": b"root:x:0:0:root:/:/bin/sh\n", "tree/leaf": b"x"})
    with servers.podman() as made:
        made(
            "load", "--quiet", "--input", write(tmp_path / "app.tar", docker_save(image([base, more], tags=["app:1"])))
        )
        made("tag", "app:1", "second:2")
        made("run", "--name", "live", "--network=none", "app:1", "/bin/sh", "-c", f"export PATH=/bin; {WRITES}")
        yield made


def test_its_images_and_containers_are_read_as_dockers_are(
    podman: servers.Podman, cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    settings.DOCKER_ENGINE = EngineContext(podman.host)
    settings.DOCKER_ENGINE_USERS = frozenset({"alice"})
    alice: Client = cast.client(cast.alice)

    listed = alice.get("/engine/?format=json").json()
    (listed_image,) = json.loads(podman("images", "--format=json", "--no-trunc"))[:1]
    (found,) = listed["images"]
    assert found["image_id"] == f"sha256:{listed_image['Id']}"
    assert sorted(found["names"]) == ["localhost/app:1", "localhost/second:2"]
    assert found["size"] == listed_image["Size"]
    (container,) = alice.get("/engine/?part=containers&format=json").json()["containers"]
    assert (container["name"], container["state"]) == ("live", "exited")

    alice.post("/engine/take/", {"team": cast.team.slug, "image": found["image_id"]})
    job = Job.objects.get()
    run_steps(job)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")
    assert job.archive is not None
    ours = archive_document(job.archive)
    podman("save", "--quiet", "--output", tmp_path / "saved.tar", "app:1")
    uploaded = json.loads(run("analyze", str(tmp_path / "saved.tar"), "--json", "--team", cast.other_team.slug)[1])
    assert sorted(ours["images"][0].pop("references")) == ["localhost/app:1", "localhost/second:2"]
    del uploaded["images"][0]["references"]
    assert ours["images"] == uploaded["images"]

    told = alice.get(f"/engine/containers/{container['id']}/?format=json").json()
    changes = sorted(f"{row['change']} /{row['path']}" for row in told["changes"])
    assert changes == sorted(podman("diff", "live").split("\n")[:-1])
    sizes = {row["path"]: row["size"] for row in told["changes"]}
    assert (sizes["zeros"], sizes["new"], sizes["soft"], sizes["tree"]) == (9_216, 4, 3, None)
    assert "plate writable" in alice.get(f"/images/{found['image_id']}/?container={container['id']}").content.decode()
