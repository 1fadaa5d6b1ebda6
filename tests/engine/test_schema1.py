"""Images of Docker's old schema 1 in a real registry: a real engine and we pull them, and give them the same ID."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.archives import image, layer, oci_layout, write_folder
from tests.cast import Cast
from tests.engine.engine import Engine
from tests.engine.test_registry import pull_document, rules
from tests.service import servers
from tests.service.registries import Registry, docker_registry

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

LAYERS = [layer({name: name.encode() * 500}, compression="gzip") for name in ("lower", "upper")]
STEPS = ["ADD rootfs", "#ENV a=<b> && c", "COPY app", "#CMD [app]"]
RUN: dict[str, Any] = {
    "Hostname": "vm",
    "Env": ["PATH=/bin", "ODD=<a>&\u2028\u00e9"],
    "Cmd": ["/bin/sh"],
    "ExposedPorts": {"80/tcp": {}, "443/tcp": {}},
    "Volumes": {"/b": {}, "/a": {}},
    "Labels": {"b": "1", "a": "2"},
    "Entrypoint": None,
    "StopSignal": "SIGTERM",
    "Unknown": 1.50,
}
CONFIGS: dict[str, dict[str, Any]] = {
    "new": {"docker_version": "20.10.24", "created": "2020-01-01T00:00:00.1200Z", "config": RUN, "author": "a & b"},
    "edge": {"docker_version": "1.8.3", "os.features": ["x"], "config": RUN},
    "old": {"docker_version": "1.8.2", "config": RUN, "container": "c" * 64, "author": "<a@b>"},
    "none": {"config": RUN, "variant": "v1"},
    "bare": {"config": None, "created": None},
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with docker_registry(schema1=True) as made:
        for name, config in CONFIGS.items():
            place = tmp_path_factory.mktemp(name)
            made.push(
                f"oci:{write_folder(place, oci_layout(image(LAYERS, history=STEPS, config=config)))}", name, "v2s1"
            )
        yield made


def test_the_image_id_is_the_one_of_the_engine(
    registry: Registry, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    settings.REGISTRY_RULES = rules(registry)
    with servers.docker_engine() as host:
        engine = Engine(host, tmp_path)
        for name in CONFIGS:
            reference = f"{registry.address}/{name}:latest"
            engine.docker("pull", "--quiet", reference)
            theirs = engine.get(f"/images/{reference}/json")
            document = pull_document(reference)
            (ours,) = document["images"]
            assert (name, ours["image_id"]) == (name, theirs["Id"])
            assert [each["diff_id"] for each in ours["layers"]] == theirs["RootFS"]["Layers"]
            assert ours["size"] == theirs["Size"]
            rows = engine.history(reference)
            assert [(step["created_by"], step["size"]) for step in reversed(ours["history"])] == [
                (text, size) for _, text, size, _ in rows
            ]
            assert "schema-1-converted" in {finding["code"] for finding in document["findings"]}
