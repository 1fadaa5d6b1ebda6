"""`manage.py compare`: for people and as one document."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.cast import Cast
from tests.commands import run
from tests.compared import AFTER, BEFORE, shelve

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(cast: Cast, tmp_path: Path) -> None:
    shelve(cast.team, tmp_path, BEFORE, AFTER)


def test_it_tells_layers_files_config_and_history(shelf: None) -> None:
    _, text = run("compare", BEFORE.id, "shop:1")
    assert "1 of 4 layers on the same chain, 1 nearly the same, 2 new, 1 gone:" in text
    assert "100 % without 1 file (var/cache/apt/pkgcache.bin); 1 file of other bytes" in text
    assert "  ~            +2  srv/app.js  content\n" in text
    assert "  ~ config.Env.MODE: test -> live" in text
    assert "  + history ADD tools /" in text


def test_the_document_is_that_of_the_api(shelf: None) -> None:
    status, text = run("compare", BEFORE.id, AFTER.id, "--json")
    document = json.loads(text)
    assert status == 0
    assert {"first", "second", "semantic", "same", "common", "layers", "totals", "files", "config", "history"} <= (
        document.keys()
    )
    assert len(document["files"]) == sum(
        document["totals"][change]["paths"] for change in ("added", "modified", "removed")
    )


def test_semantic_leaves_times_out(shelf: None) -> None:
    strict, semantic = (
        json.loads(run("compare", BEFORE.id, AFTER.id, "--json", *more)[1]) for more in ([], ["--semantic"])
    )
    assert len(semantic["files"]) < len(strict["files"])
    assert not any("mtime" in file["changed"] for file in semantic["files"])


def test_who_names_nothing_is_told_and_gets_2(shelf: None) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("compare", "nope", AFTER.id)
    assert (str(caught.value), caught.value.returncode) == ("No image is known as docker.io/library/nope:latest.", 2)
