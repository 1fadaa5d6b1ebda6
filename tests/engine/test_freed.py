"""What deleting a set of images frees on a real engine's disk: ours by chainID is what the engine loses."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.commands import run
from tests.engine.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

MB = 1_000_000
IMAGES = {
    # `family:1` and `family:2` share a layer that nothing else has; `twin` has one of their layers on another parent.
    "family:1": "FROM base:1\nCOPY shared /shared\nCOPY one /one\n",
    "family:2": "FROM base:1\nCOPY shared /shared\nCOPY two /two\n",
    "twin:1": "FROM base:1\nCOPY two /two\n",
    "child:1": "FROM family:2\nCOPY three /three\n",
}
SIZES = {"shared": 5 * MB, "one": 2 * MB, "two": 3 * MB, "three": 1 * MB}
SETS = [
    ["family:1", "family:2", "child:1"],  # all that share the layer go, and the layer with them
    ["family:1"],
    ["twin:1"],
    ["family:2"],  # a base in use: nothing goes
    ["child:1", "family:2", "twin:1"],
    ["base:1"],
]


def files_of(dockerfile: str) -> list[tuple[str, bytes]]:
    return [(name, name.encode()[:1] * size) for name, size in SIZES.items() if f"COPY {name} " in dockerfile]


@pytest.fixture(scope="module")
def saved(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Path]:
    """An engine with the images, built once, and the archive that brings back those that a test removes."""
    engine = Engine(docker_host, tmp_path_factory.mktemp("freed"))
    if not engine.docker("images", "-q", "base:1"):
        engine.build_base()
    for name, dockerfile in IMAGES.items():
        engine.build(name, dockerfile, files_of(dockerfile))
    return engine, engine.save("base:1", *IMAGES)


@pytest.fixture
def filled(saved: tuple[Engine, Path]) -> Engine:
    """The engine with all of the images, which are in our store as well."""
    engine, archive = saved
    engine.docker("load", "--quiet", "-i", str(archive))
    status, _ = run("analyze", str(archive), "--json")
    assert status == 0
    return engine


def images_size(engine: Engine) -> int:
    """`docker system df`: bytes of all layers, each chain once."""
    size: int = engine.get("/system/df")["LayersSize"]
    return size


def bytes_on_disk(engine: Engine) -> int:
    """What the files of all layers hold below the data root, as `du --apparent-size` adds them up."""
    root = Path(engine.get("/info")["DockerRootDir"], "overlay2")
    return sum(
        entry.lstat().st_size
        for folder, _, names in os.walk(root)
        for entry in (Path(folder, name) for name in names)
        if entry.is_file() and not entry.is_symlink() and f"{os.sep}diff{os.sep}" in str(entry)
    )


def freed(names: list[str]) -> Any:
    status, text = run("report", "--free", *names, "--json")
    assert status == 0
    return json.loads(text)


@pytest.mark.parametrize("names", SETS, ids=" ".join)
def test_what_goes_is_what_the_engine_loses(filled: Engine, names: list[str]) -> None:
    told = freed(names)
    before, disk = images_size(filled), bytes_on_disk(filled)
    filled.docker("rmi", *names)
    assert before - images_size(filled) == told["freed_chains"]
    if filled.get("/info")["Driver"] == "overlay2":  # vfs keeps a whole copy of what lies below in each layer
        assert disk - bytes_on_disk(filled) == told["freed_chains"]


def test_a_layer_that_only_the_set_shares_goes_too_and_one_elsewhere_stays_here(filled: Engine) -> None:
    told = freed(["family:1", "family:2", "child:1"])
    assert told["freed_chains"] == sum(SIZES.values())
    assert told["freed"] == sum(SIZES.values()) - SIZES["two"]  # `twin:1` has that layer on another parent
    unique = sum(image["unique_chains"] for image in told["images"])
    assert unique == SIZES["one"] + SIZES["three"]
