"""A real engine's data root, read beside it: its images are those of `docker save`, its figures those of the engine."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.commands import run
from tests.engine.engine import Engine
from tests.service import servers

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

IMAGES = {
    "stored:1": "FROM base:1\nENV PATH=/bin\n"
    "RUN mkdir -p /d/e /gone && echo one >/d/one && echo x >/gone/x && echo y >/d/e/y\n"
    "RUN rm -r /gone && rm /d/one && ln /d/e/y /d/hard && ln -s y /d/e/soft\n"
    "RUN rm -r /d/e && mkdir /d/e && echo fresh >/d/e/fresh && mkfifo /d/fifo\n",
    "stored:2": "FROM stored:1\nCOPY lib /opt/lib\n",
}
WRITES = (
    "echo new >/new && mkdir -p /deep/er && echo deep >/deep/er/file && echo more >>/d/e/fresh && rm /d/hard"
    " && rm -r /opt && chmod 700 /etc && ln -s new /soft && dd if=/dev/zero of=/zeros bs=1024 count=300"
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An engine of its own, so that the data root has nothing but what is made here."""
    with servers.docker_engine() as host:
        built = Engine(host, tmp_path_factory.mktemp("engine"))
        assert built.get("/info")["Driver"] == "overlay2", (
            "overlays can't be stacked on the file system of its data root"
        )
        built.build_base()
        for name, dockerfile in IMAGES.items():
            built.build(name, dockerfile, [("lib", bytes(300_000))] if "COPY lib" in dockerfile else [])
        built.docker("run", "--name", "writer", "--network=none", "stored:2", "sh", "-c", WRITES)
        yield built


def root_of(engine: Engine) -> Path:
    return Path(engine.get("/info")["DockerRootDir"])


@pytest.fixture
def imported(engine: Engine) -> Any:
    status, text = run("import_storage", str(root_of(engine)), "--json")
    assert status == 0
    return json.loads(text)


def test_images_have_the_documents_of_their_upload(engine: Engine, imported: Any) -> None:
    assert imported["archive"]["format"] == "docker-storage"
    assert {image["image_id"] for image in imported["images"]} == {image["Id"] for image in engine.get("/images/json")}
    uploaded = json.loads(run("analyze", str(engine.save("base:1", *IMAGES)), "--json")[1])
    ours = {image["image_id"]: image for image in imported["images"]}
    for image in uploaded["images"]:
        assert ours[image["image_id"]] == image
    assert imported["findings"] == uploaded["findings"]


def test_figures_are_those_of_docker_system_df(engine: Engine, imported: Any) -> None:
    df = engine.get("/system/df")
    storage = imported["storage"]
    assert storage["size"] == df["LayersSize"]
    assert {
        image["image_id"]: (image["size"], image["shared"], image["containers"]) for image in storage["images"]
    } == {image["Id"]: (image["Size"], image["SharedSize"], image["Containers"]) for image in df["Images"]}
    assert {(one["id"], one["image_id"], one["size"]) for one in storage["containers"]} == {
        (one["Id"], one["ImageID"], one.get("SizeRw", 0)) for one in df["Containers"]
    }


def test_the_disk_is_what_is_allocated(engine: Engine, imported: Any) -> None:
    seen: dict[tuple[int, int], int] = {}
    base = root_of(engine) / "overlay2"
    for folder, folders, files in os.walk(base):
        folders[:] = [name for name in folders if name not in ("merged", "work", "l")]
        for path in (Path(folder), *(Path(folder, name) for name in files)):
            state = path.lstat()
            seen[state.st_dev, state.st_ino] = 512 * state.st_blocks
    del seen[base.stat().st_dev, base.stat().st_ino]
    # Links to folders are listed as folders: the walk above counts them nowhere.
    links = sum(512 * path.lstat().st_blocks for path in base.rglob("*") if path.is_symlink() and path.is_dir())
    assert abs(imported["storage"]["disk"] - sum(seen.values())) <= links
    assert not imported["storage"]["orphans"]


def test_what_a_container_changed_is_what_docker_diff_says(engine: Engine, imported: Any) -> None:
    (container,) = imported["storage"]["containers"]
    assert container["name"] == "writer"
    ours = {f"{change['change']} /{change['path']}" for change in container["changes"]}
    assert ours == set(engine.docker("diff", "writer").decode().splitlines())
    sizes = {change["path"]: change["size"] for change in container["changes"]}
    assert (sizes["zeros"], sizes["new"], sizes["soft"], sizes["opt"]) == (307_200, 4, 3, None)


def test_a_layer_without_its_record_is_made_from_its_folder_and_says_so(engine: Engine, tmp_path: Path) -> None:
    copy = tmp_path / "root"
    subprocess.run(["cp", "-a", root_of(engine), copy], check=True)
    for record in copy.glob("image/overlay2/layerdb/sha256/*/tar-split.json.gz"):
        record.unlink()
    shutil.rmtree(next(copy.glob("image/overlay2/layerdb/mounts/*")))
    status, text = run("import_storage", str(copy), "--json")
    document = json.loads(text)
    assert status == 0
    exact = json.loads(run("analyze", str(engine.save("base:1", *IMAGES)), "--json")[1])
    ours = {image["image_id"]: image for image in document["images"]}
    for image in exact["images"]:
        made = ours[image["image_id"]]
        assert (made["size"], made["merged"], made["waste"]) == (image["size"], image["merged"], image["waste"])
    assert {"tar-not-recorded", "diff-id-mismatch"} <= {finding["code"] for finding in document["findings"]}
    # The container's own folders belong to nothing now.
    assert len(document["storage"]["orphans"]) == 2
