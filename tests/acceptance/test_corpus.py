"""Every image of a corpus, in every form of archive that it has, beside what the engine says: CORPUS=folder."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests import truth
from tests.commands import run

CORPUS = Path(os.environ.get("CORPUS", "/nonexistent"))
ARCHIVES = sorted(path.name for path in CORPUS.glob("*.tar"))

pytestmark = [pytest.mark.acceptance, pytest.mark.django_db]


@pytest.mark.parametrize("name", ARCHIVES)
def test_history_and_merged_view_are_the_engines(name: str) -> None:
    status, text = run("analyze", str(CORPUS / name), "--json")
    assert status == 0
    document: dict[str, Any] = json.loads(text)
    image = document["images"][0]
    stem = name.split(".")[0]
    assert truth.history_of_ours(image) == truth.history_of_engine(CORPUS / "truth" / f"{stem}.history.json")
    assert image["size"] == json.loads((CORPUS / "truth" / f"{stem}.inspect.json").read_bytes())[0]["Size"]

    status, text = run("files", image["image_id"], "--merged", "--json")
    assert status == 0
    ours = truth.inodes_of_ours(truth.documents(text))
    engines = truth.inodes_of_engine(CORPUS / "truth" / f"{stem}.export.txt")
    assert ours == engines


def test_the_corpus_is_there() -> None:
    assert ARCHIVES, "CORPUS names a folder with NAME.docker.tar and truth/"
