"""A backup brings everything back: rows to the microsecond, bytes by digest; what is damaged is refused whole."""

import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from analyzer.blobstore.filesystem import FilesystemStore
from analyzer.models import Blob, Image, Job, JobState, Layer, Team, Upload
from analyzer.services import backup, backup_rows, keeping
from analyzer.services.restore import OVER
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_blobs")]

BASE, APP, LATER = layer({"etc/motd": b"hello"}), layer({"srv/app": b"code"}), layer({"srv/later": b"more"})


def everything() -> dict[str, Any]:
    return {model._meta.label: list(backup_rows.lines(model)) for model in backup_rows.tables()}


def command(name: str, *arguments: Any) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_all_comes_back_as_it_was(cast: Cast, tmp_path: Path, own_blobs: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    place = tmp_path / "backups"
    assert "2 blobs, of which 2 are new" in command("backup", place)
    before = everything()
    assert before["analyzer.LayerListing"]
    with pytest.raises(CommandError, match="--replace"):
        command("restore", place)
    run_job(tmp_path, docker_save(image([LATER], tags=["shop:2"])), cast.team)
    User.objects.create_user("dora")
    shutil.rmtree(own_blobs)
    assert "2 blobs are restored" in command("restore", place, "--replace")
    assert everything() == before
    assert keeping.store().has(BASE.digest)
    assert keeping.store().has(APP.digest)
    Team.objects.create(name="New", slug="new-after")  # keys go on after those that were restored
    again = run_job(tmp_path, docker_save(image([LATER], tags=["shop:2"])), cast.team)
    assert again.state == JobState.DONE


def test_what_was_on_its_way_has_ended_and_what_is_not_there_is_not_promised(cast: Cast, tmp_path: Path) -> None:
    job = run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    keeping.store().delete(APP.digest)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    Upload.objects.create(team=cast.team, user=cast.alice, name="x.tar", length=9)
    with pytest.raises(CommandError, match="1 blobs are not in it") as caught:
        command("backup", tmp_path / "backups")
    assert caught.value.returncode == 1
    command("restore", tmp_path / "backups", "--replace")
    assert not Upload.objects.exists()
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, OVER)
    assert Blob.objects.get(kept=True).digest == BASE.digest
    assert Layer.objects.count() == 2


def test_a_damaged_backup_is_refused_and_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE], tags=["shop:1"])), cast.team)
    command("backup", tmp_path / "backups")
    (place,) = backup.backups(tmp_path / "backups")
    before = everything()
    manifest, table = place / backup.MANIFEST, place / backup.table_file(Image)
    whole, rows = manifest.read_text(), table.read_bytes()
    assert "is whole" in command("restore", place, "--check")
    older = json.loads(whole)
    older["migrations"].pop()
    for spoil, why in (
        (lambda: table.write_bytes(rows[:-1] + b"?"), "damaged"),
        (table.unlink, "missing"),
        (lambda: manifest.write_text(json.dumps(older)), "restore it with that version"),
        (lambda: manifest.write_text("{}"), "form"),
        (manifest.unlink, "no whole backup"),
    ):
        spoil()
        with pytest.raises(CommandError, match=f"Nothing was restored.*{why}"):
            command("restore", place, "--replace")
        table.write_bytes(rows)
        manifest.write_text(whole)
    assert everything() == before


def test_older_backups_go_and_what_the_newer_ones_need_stays(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "backups"
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    command("backup", place)
    (first,) = backup.backups(place)
    first = first.rename(first.with_name("2001-01-01T00-00-00Z"))
    Blob.objects.filter(digest=APP.digest).update(kept=False)
    assert "1 blobs, of which 0 are new" in command("backup", place, "--keep", 1)
    with backup.alone(place), pytest.raises(CommandError, match="another backup is being written into it"):
        command("backup", place, "--keep", 1)
    assert not first.exists()
    assert [found.digest for found in FilesystemStore(place / backup.BLOBS).found()] == [BASE.digest]
    made = backup.back_up(tmp_path / "rows-alone", blobs=False)
    assert made.blobs == 0
    assert not list((tmp_path / "rows-alone" / "blobs").glob("sha256/*"))
