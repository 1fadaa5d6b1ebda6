"""Uploads as rows and part files: names, ends, expiry."""

import io
import os
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import DatabaseError
from django.utils import timezone
from pytest_django import Settings

from analyzer.blobstore.staging import Gone
from analyzer.models import Job, Upload
from analyzer.services import uploads
from analyzer.services.reconcile import sweep
from tests.cast import Cast

DATA = b"0123456789" * 100


@pytest.fixture(autouse=True)
def empty_staging() -> None:
    for path in Path(site.UPLOAD_DIR).iterdir():
        path.unlink()


def begun(cast: Cast, length: int | None = len(DATA), arrived: int = 0) -> Upload:
    upload = uploads.begin(cast.team, cast.alice, "app.tar", length)
    uploads.receive(upload, 0, io.BytesIO(DATA[:arrived]).read)
    return upload


def age(upload: Upload, **ago: int) -> None:
    Upload.objects.filter(pk=upload.pk).update(touched=timezone.now() - timedelta(**ago))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("app.tar", "app.tar"),
        ("/home/me/app.tar", "app.tar"),
        (r"C:\images\app.tar", "app.tar"),
        ("folder/", "folder"),
        ("..", ".."),
        ("", "archive.tar"),
        (" \n\x00", "archive.tar"),
        ("a\x00b\nc.tar", "abc.tar"),
        ("naïve – 雪.tar", "naïve – 雪.tar"),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_name_is_kept_without_folders_and_control_characters(sent: str, kept: str) -> None:
    assert uploads.clean_name(sent) == kept


def test_what_had_arrived_is_kept_when_the_connection_breaks(cast: Cast) -> None:
    upload = begun(cast)
    pieces = [DATA[:300]]

    def read(size: int) -> bytes:
        if pieces:
            return pieces.pop()
        raise ConnectionResetError

    with pytest.raises(uploads.Interrupted) as broken:
        uploads.receive(upload, 0, read)
    assert isinstance(broken.value.__cause__, ConnectionResetError)
    assert uploads.arrived(upload) == 300
    assert Upload.objects.get().offset == 300


def test_a_database_that_is_away_does_not_stop_the_bytes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun(cast)

    def away(**fields: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "TOUCH_SECONDS", 0.0)
        patched.setattr(uploads, "close_old_connections", lambda: None)
        patched.setattr(Upload.objects, "filter", away)
        assert uploads.receive(upload, 0, io.BytesIO(DATA).read) == len(DATA)
    assert uploads.finish(upload).size == len(DATA)


def test_the_job_of_a_whole_archive_waits_for_a_database_that_is_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = uploads.finish, []

    def flickering(upload: Upload) -> Job:
        tries.append(upload)
        if len(tries) < 3:
            raise DatabaseError
        return real(upload)

    monkeypatch.setattr(uploads, "finish", flickering)
    monkeypatch.setattr(uploads, "patiently", insist)
    job = uploads.receive_whole(cast.team, cast.alice, "app.tar", None, io.BytesIO(DATA).read)
    assert (len(tries), job.size) == (3, len(DATA))


def insist(action: object) -> None:
    """`patiently` without its pauses, and without closing the connection that the test's transaction lives on."""
    while True:
        try:
            action()  # type: ignore[operator]
        except DatabaseError:
            continue
        return


def test_progress_is_noted_while_bytes_arrive(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun(cast)
    seen: list[int] = []
    pieces = [DATA[:100], DATA[100:250]]

    def read(size: int) -> bytes:
        seen.append(Upload.objects.get().offset)
        return pieces.pop(0) if pieces else b""

    monkeypatch.setattr(uploads, "TOUCH_SECONDS", 0.0)
    uploads.receive(upload, 0, read)
    assert seen == [0, 100, 250]


def test_an_upload_is_finished_once(cast: Cast) -> None:
    upload = begun(cast, arrived=len(DATA))
    assert uploads.finish(upload) == uploads.finish(upload)
    assert Job.objects.count() == 1


def test_a_finish_that_died_after_the_rename_is_made_good(cast: Cast) -> None:
    upload = begun(cast, arrived=len(DATA))
    uploads.staging().finish(upload.pk)
    assert Path(uploads.finish(upload).path).read_bytes() == DATA


def test_an_upload_that_was_given_up_cannot_be_finished(cast: Cast) -> None:
    upload = begun(cast, arrived=len(DATA))
    uploads.cancel(upload)
    with pytest.raises(Gone):
        uploads.finish(upload)


def test_a_finished_upload_cannot_be_given_up(cast: Cast) -> None:
    upload = begun(cast, arrived=len(DATA))
    job = uploads.finish(upload)
    uploads.cancel(upload)
    assert Path(job.path).exists()
    assert Upload.objects.exists()


def test_expiry_finishes_what_arrived_whole_and_was_cut_off(cast: Cast) -> None:
    upload = begun(cast, arrived=len(DATA))
    uploads.expire_uploads()
    assert not Job.objects.exists(), "it may still be in the hands of its request"
    age(upload, minutes=2)
    assert uploads.expire_uploads() == 0
    assert Path(Job.objects.get().path).read_bytes() == DATA


def test_expiry_gives_up_what_nobody_goes_on_with(cast: Cast, settings: Settings) -> None:
    settings.UPLOAD_EXPIRY_HOURS = 3
    old, fresh = begun(cast, arrived=10), begun(cast, arrived=10)
    age(old, hours=4)
    age(fresh, hours=2)
    assert uploads.expire_uploads() == 1
    assert list(Upload.objects.all()) == [fresh]
    assert not uploads.staging().part(old.pk).exists()
    assert uploads.staging().part(fresh.pk).exists()


def test_expiry_forgets_finished_uploads_and_keeps_their_jobs(cast: Cast) -> None:
    upload = begun(cast, arrived=len(DATA))
    job = uploads.finish(upload)
    os.utime(job.path, (1, 1))
    age(upload, hours=site.UPLOAD_EXPIRY_HOURS + 1)
    assert uploads.expire_uploads() == 0
    assert not Upload.objects.exists()
    assert Job.objects.get() == job
    assert Path(job.path).exists()


def test_expiry_removes_files_that_belong_to_nothing(cast: Cast) -> None:
    long_ago = time.time() - (site.UPLOAD_EXPIRY_HOURS + 1) * 3600
    upload = begun(cast, arrived=10)
    staging = uploads.staging()
    orphans = [staging.part(uuid.uuid4()), staging.archive(uuid.uuid4()), staging.folder / "stray"]
    fresh = staging.part(uuid.uuid4())
    for path in [*orphans, fresh]:
        path.write_bytes(b"x")
    for path in [*orphans, staging.part(upload.pk)]:
        os.utime(path, (long_ago, long_ago))
    uploads.expire_uploads()
    assert [path.exists() for path in orphans] == [False, False, False]
    assert fresh.exists()
    assert staging.part(upload.pk).exists()


def test_a_staged_file_is_taken_in_under_its_name(cast: Cast) -> None:
    part = uuid.uuid4()
    uploads.staging().create(part)
    with pytest.raises(uploads.Empty):
        uploads.take_staged(cast.team, cast.alice, "empty.tar", part)
    uploads.staging().part(part).write_bytes(DATA)
    job = uploads.take_staged(cast.team, cast.alice, "x/app.tar", part)
    assert (job.name, Path(job.path).read_bytes()) == ("app.tar", DATA)


def test_expiry_is_on_the_workers_clock(cast: Cast) -> None:
    assert "analyzer.tasks.sweep" in {entry["task"] for entry in site.CELERY_BEAT_SCHEDULE.values()}
    upload = begun(cast, arrived=10)
    age(upload, hours=site.UPLOAD_EXPIRY_HOURS + 1)
    sweep()
    assert not Upload.objects.exists()
