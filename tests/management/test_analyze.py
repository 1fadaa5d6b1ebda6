"""`manage.py analyze`: what it tells on which stream, and its exit status."""

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import override_settings

from analyzer.archive.budget import Limits
from analyzer.management.commands import analyze
from analyzer.models import Archive, Image, Team
from analyzer.services import foreground
from analyzer.services.assembly import Sender
from analyzer.services.chains import LayerGone
from tests.archives import compress, docker_save, image, layer, tar, write

pytestmark = pytest.mark.django_db(transaction=True)

APP = image([layer({"srv/app": b"code"})], tags=["shop:1"])


@pytest.fixture(autouse=True)
def team() -> Team:
    return Team.objects.get_or_create(slug="default", defaults={"name": "Default"})[0]


def run(*arguments: str) -> tuple[int, str, list[str]]:
    """Exit status, standard output, and the lines of standard error."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command("analyze", *arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        status = int(stop.code or 0)
    return status, out.getvalue(), err.getvalue().splitlines()


@pytest.fixture
def app(tmp_path: Path) -> str:
    return str(write(tmp_path / "app.tar", docker_save(APP)))


def test_a_whole_archive_ends_with_0_and_its_document(app: str) -> None:
    status, out, err = run(app, "--json")
    assert (status, err) == (0, [])
    assert json.loads(out)["archive"]["name"] == "app.tar"


def test_of_several_archives_the_refused_ones_keep_their_place_and_the_status_is_1(app: str, tmp_path: Path) -> None:
    (tmp_path / "no.tar").write_bytes(b"no tar")
    status, out, err = run(app, str(tmp_path / "no.tar"), str(tmp_path / "gone.tar"), "--json")
    documents = json.loads(out)
    assert status == 1
    assert [len(document["images"]) for document in documents] == [1, 0, 0]
    assert [document["archive"]["size"] for document in documents[1:]] == [6, None]
    assert documents[1]["findings"][0]["severity"] == "error"
    assert [line.partition(": ")[0] for line in err] == [str(tmp_path / "no.tar"), str(tmp_path / "gone.tar")]


@pytest.mark.parametrize("name", ["empty", "gone", ".", "x" * 300])
def test_nothing_analysed_is_2_one_line_on_stderr_and_nothing_else(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").touch()
    status, out, err = run(str(tmp_path / name), "--json")
    assert (status, out, len(err)) == (2, "", 1)


def test_a_limit_is_told_with_its_setting(app: str) -> None:
    with override_settings(LIMITS=Limits(max_archive_bytes=1_000)):
        status, out, err = run(app)
    assert (status, out) == (2, "")
    assert err == [f"{app}: The archive is over the limit MAX_ARCHIVE_BYTES=1000"]


class Pipe:
    """Standard input with these bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_a_pipe_is_an_archive(monkeypatch: pytest.MonkeyPatch, compression: str) -> None:
    monkeypatch.setattr(sys, "stdin", Pipe(compress(tar(docker_save(APP)), compression)))
    status, out, _ = run("-", "--json")
    assert status == 0
    assert json.loads(out)["archive"]["name"] == "stdin.tar"


def test_an_empty_pipe_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Pipe(b""))
    assert run("-") == (2, "", ["-: The archive is empty: not one byte of it has come."])


def test_a_disk_without_room_is_told_and_nothing_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app: str
) -> None:
    whole = compress(Path(app).read_bytes(), "gzip")
    (tmp_path / "app.tar.gz").write_bytes(whole)
    monkeypatch.setattr(sys, "stdin", Pipe(whole))
    with override_settings(MIN_FREE_DISK_BYTES=1 << 60, WORK_DIR=tmp_path / "work"):
        (tmp_path / "work").mkdir()
        status, out, err = run("-", str(tmp_path / "app.tar.gz"))
    assert (status, out) == (2, "")
    assert all("The server's disk is full" in line and "MIN_FREE_DISK_BYTES" in line for line in err)
    assert len(err) == 2
    assert not list((tmp_path / "work").iterdir())


def test_a_name_that_is_no_text_is_escaped(tmp_path: Path) -> None:
    name = os.fsdecode(bytes(tmp_path) + b"/caf\xe9\n.tar")
    write(Path(name), docker_save(APP))
    status, out, _ = run(name, "--json")
    assert status == 0
    assert json.loads(out)["archive"]["name"] == "caf%E9\n.tar"
    assert run(name, "/gone\n\x1b[31m")[2] == [r"/gone\n\x1b[31m: There is no file /gone��[31m."]


def test_a_database_that_is_away_is_told_in_words(monkeypatch: pytest.MonkeyPatch, app: str) -> None:
    def away(*_: Any) -> Archive:
        raise OperationalError("database is locked")

    monkeypatch.setattr(analyze, "take_in", away)
    assert run(app) == (2, "", [f"{app}: The database did not answer; try again when it is back."])


def test_a_database_without_tables_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, app: str) -> None:
    def without_tables(**_: Any) -> None:
        raise OperationalError("no such table: analyzer_team")

    monkeypatch.setattr(Team.objects, "filter", without_tables)
    with pytest.raises(CommandError, match=r"no such table.*run `manage\.py migrate`") as caught:
        run(app)
    assert caught.value.returncode == 2


def test_an_archive_whose_layers_are_removed_meanwhile_is_taken_in_again(
    monkeypatch: pytest.MonkeyPatch, app: str, tmp_path: Path, team: Team
) -> None:
    errors: list[Exception] = [LayerGone(["sha256:1"]), LayerGone(["sha256:2"])]
    assemble = foreground.__dict__["assemble"]

    def removed(*given: Any) -> Archive:
        if errors:
            raise errors.pop()
        archive: Archive = assemble(*given)
        return archive

    monkeypatch.setattr(foreground, "assemble", removed)
    assert run(app)[0] == 0
    assert Image.objects.count() == 1
    errors += [LayerGone(["sha256:1"])] * 3
    with pytest.raises(LayerGone):
        foreground.take_in(Path(app), Sender(team, None, "app.tar"), Limits(), tmp_path)
    errors += [LayerGone(["sha256:1"])] * 3
    assert run(app) == (2, "", [f"{app}: Images that share its layers were removed meanwhile; try again."])
