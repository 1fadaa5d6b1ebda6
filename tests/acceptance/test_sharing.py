"""The sharing of a corpus beside `docker system df -v`, and its contents counted apart from our own reader."""

import hashlib
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.commands import run

CORPUS = Path(os.environ.get("CORPUS", "/nonexistent"))

pytestmark = [pytest.mark.acceptance, pytest.mark.django_db(transaction=True)]


def engine() -> dict[str, Any]:
    """What the engine said of its disk before the container was committed: images by their ID."""
    document: dict[str, Any] = json.loads((CORPUS / "truth" / "system-df.json").read_bytes())
    return document | {"Images": {image["Id"]: image for image in document["Images"]}}


def archives() -> list[Path]:
    """The `docker save` of each of those images."""
    known = engine()["Images"]
    found = []
    for path in sorted(CORPUS.glob("*.docker.tar")):
        inspected = json.loads((CORPUS / "truth" / f"{path.name.split('.')[0]}.inspect.json").read_bytes())
        if inspected[0]["Id"] in known:
            found.append(path)
    return found


def counted_by_tarfile(paths: list[Path]) -> tuple[int, int, int]:
    """Bytes of unique chains, of unique layers, and of distinct contents, by Python's own reader of tars."""
    chains: dict[bytes, int] = {}
    layers: dict[str, int] = {}
    contents: dict[bytes, int] = {}
    for path in paths:
        with tarfile.open(path) as archive:
            read = archive.extractfile
            manifest = json.load(read("manifest.json") or pytest.fail("no manifest"))[0]
            config = json.load(read(manifest["Config"]) or pytest.fail("no config"))
            chain = ""
            for diff_id, name in zip(config["rootfs"]["diff_ids"], manifest["Layers"], strict=True):
                chain = f"sha256:{hashlib.sha256(f'{chain} {diff_id}'.encode()).hexdigest()}" if chain else diff_id
                if diff_id not in layers:
                    layers[diff_id] = count_layer(archive, name, contents)
                chains[chain.encode()] = layers[diff_id]
    return sum(chains.values()), sum(layers.values()), sum(contents.values())


def count_layer(archive: tarfile.TarFile, name: str, contents: dict[bytes, int]) -> int:
    """The layer's size; of its regular files each content is noted."""
    size = 0
    with tarfile.open(fileobj=archive.extractfile(name)) as layer:
        for member in layer:
            if member.issym():
                size += len(os.fsencode(member.linkname))
            if not member.isreg() or os.path.basename(member.name).startswith(".wh."):
                continue
            size += member.size
            digest = hashlib.sha256()
            data = layer.extractfile(member)
            while data is not None and (block := data.read(1 << 20)):
                digest.update(block)
            contents[digest.digest()] = member.size
    return size


def test_sharing_is_the_engines_and_contents_are_those_of_the_files() -> None:
    paths, truth = archives(), engine()
    assert len(paths) == len(truth["Images"]) > 0, "CORPUS names a folder with NAME.docker.tar and truth/"
    for path in paths:
        assert run("analyze", str(path), "--json")[0] == 0
    status, text = run("report", "--json")
    assert status == 0
    report = json.loads(text)
    chains, layers, contents = counted_by_tarfile(paths)
    assert report["images"] == len(paths)
    assert report["ladder"] == {
        "naive": sum(image["Size"] for image in truth["Images"].values()),
        "chains": chains,
        "layers": layers,
        "contents": contents,
    }
    # The engine counts what it holds for no image too: of a step of a build that was tried again, say.
    assert 0 <= truth["LayersSize"] - chains < 100
    for row in report["per_image"]:
        said = truth["Images"][row["image_id"]]
        figures = (row["size"], row["shared"], row["unique"])
        assert figures == (said["Size"], said["SharedSize"], said["Size"] - said["SharedSize"]), row["references"]
    assert sum(owner["fair_cost"] for owner in report["owners"]) == layers
