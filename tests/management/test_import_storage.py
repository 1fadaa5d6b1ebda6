"""`manage.py import_storage` on data roots made in code."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from analyzer.models import Layer, Team
from tests.commands import run
from tests.storage.roots import AufsRoot

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path) -> AufsRoot:
    made = AufsRoot(tmp_path / "docker")
    image_id = made.add("made:1", [[("etc", None), ("etc/passwd", b"root")], [(".wh.etc", b""), ("a", b"b")]])
    made.container(image_id, [("new", b"12345")])
    return made


def test_images_are_taken_in_and_the_disk_is_told(root: AufsRoot) -> None:
    status, text = run("import_storage", str(root.path), "--json")
    document: dict[str, Any] = json.loads(text)
    assert status == 0
    assert document["archive"]["format"] == "docker-storage"
    assert document["images"][0]["waste"]["by_cause"]["parent_deleted"] == 4
    assert document["storage"]["containers"][0]["counts"] == {"A": 1, "C": 0, "D": 0}
    assert Layer.objects.count() == 2


def test_people_read_which_layer_takes_what(root: AufsRoot) -> None:
    status, text = run("import_storage", str(root.path))
    assert status == 0
    assert "of disk are allocated" in text
    assert "1 image, 1 container" in text
    assert "Container made wrote 5 B" in text


def test_the_second_time_says_the_same(root: AufsRoot) -> None:
    first, again = (json.loads(run("import_storage", str(root.path), "--json")[1]) for _ in range(2))
    assert first == again


def test_a_layer_that_cannot_be_read_is_told_by_the_status(root: AufsRoot) -> None:
    for passwd in root.path.glob("aufs/diff/*/etc/passwd"):
        passwd.unlink()
    status, text = run("import_storage", str(root.path), "--json")
    assert status == 1
    assert [layer["status"] for layer in json.loads(text)["images"][0]["layers"]] == ["damaged", "ok"]


def test_a_data_root_without_images_still_has_figures(tmp_path: Path) -> None:
    AufsRoot(tmp_path / "docker")
    status, text = run("import_storage", str(tmp_path / "docker"), "--json")
    assert status == 0
    assert json.loads(text)["storage"]["layers"] == []


@pytest.mark.parametrize(
    ("path", "why"),
    [("nowhere", "There is no folder"), (".", "no data root of a Docker Engine")],
    ids=["gone", "other"],
)
def test_what_is_no_data_root_is_refused_in_a_sentence(tmp_path: Path, path: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run("import_storage", str(tmp_path / path))


@pytest.mark.parametrize("folder", ["", "image/aufs/layerdb/sha256", "aufs/diff"])
def test_who_may_not_read_it_is_told_to_be_root(root: AufsRoot, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = os.stat(root.path / folder)
    real = os.open

    def refusing(path: Any, *arguments: Any, **options: Any) -> int:
        descriptor = real(path, *arguments, **options)
        state = os.fstat(descriptor)
        if (state.st_dev, state.st_ino) == (closed.st_dev, closed.st_ino):
            os.close(descriptor)
            raise PermissionError(13, "Permission denied", path)
        return descriptor

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(CommandError, match="root alone"):
        run("import_storage", str(root.path))


def test_an_unknown_team_is_told(root: AufsRoot) -> None:
    assert not Team.objects.filter(slug="nobody").exists()
    with pytest.raises(CommandError, match="no team 'nobody'"):
        run("import_storage", str(root.path), "--team", "nobody")
