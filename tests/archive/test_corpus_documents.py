"""The documents of images that a real engine saved, beside what that engine says of them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.archive.opened import opened

FOLDER = Path(os.environ.get("CORPUS", "/nonexistent"))
ARCHIVES = sorted(FOLDER.glob("*.tar"))

pytestmark = pytest.mark.acceptance


def truth(archive: Path, what: str) -> Any:
    return json.loads((FOLDER / "truth" / f"{archive.name.partition('.')[0]}.{what}.json").read_text())


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_the_documents_say_what_the_engine_says(archive: Path) -> None:
    (engine,) = truth(archive, "inspect")
    contents = opened(archive)
    (image,) = contents.images
    assert contents.findings == []
    assert image.references == [f"docker.io/library/{engine['RepoTags'][0]}"]
    assert [layer.diff_id for layer in image.layers] == engine["RootFS"]["Layers"]
    assert (image.platform.os, image.platform.architecture) == (engine["Os"], engine["Architecture"])
    assert image.created == engine["Created"]
    rows = [(row["CreatedBy"], row["Comment"]) for row in reversed(truth(archive, "history"))]
    assert [(step.created_by, step.comment) for step in image.history] == rows
    if archive.name.endswith(".docker.tar"):
        assert image.image_id == engine["Id"]
