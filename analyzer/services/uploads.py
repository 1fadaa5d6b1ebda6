"""Archives on their way in: from the first byte to the job that reads them.

How far an upload has come is the length of its part file (`blobstore.staging`); the row says whose it is, and is
brought up to date now and then for the pages that list it.
"""

import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone

from analyzer.blobstore.staging import Appender, Gone, Staging, WrongOffset
from analyzer.models import Job, Role, Team, Upload
from analyzer.selectors.access import Machine, teams_of
from analyzer.services import quotas
from analyzer.services.jobs import create_job
from analyzer.services.leases import patiently

BLOCK = 1 << 20
TOUCH_SECONDS = 5.0
IN_HANDS = timedelta(minutes=1)  # one that was touched since may still be in the hands of the request that brings it

Read = Callable[[int], bytes]
"""Reads up to so many bytes of what a client sends; b"" at its end."""


class Interrupted(Exception):
    """The connection broke before the end of what was sent; its cause is the reader's error, if there was one."""


class Empty(Exception):
    """An archive of no bytes."""


class TooLong(Exception):
    """More was sent than the upload's declared length."""


def staging() -> Staging:
    """The folder of part files."""
    return Staging(Path(settings.UPLOAD_DIR), settings.MIN_FREE_DISK_BYTES)


def begin(team: Team, user: AbstractBaseUser | Machine, name: str, length: int | None) -> Upload:
    """An upload of `length` bytes (None: not known yet), of which nothing has arrived.

    Raises Empty, LimitReached (MAX_ARCHIVE_BYTES), NoSpace, QuotaReached: all before the first byte.
    """
    _check(length, 0)
    quotas.check(team)
    if settings.BLOB_STORE_STAGING:  # the sweep is a worker's, which may have another folder
        drop_strays()
    token = user.borne_token if isinstance(user, Machine) else None
    upload = Upload(team=team, user_id=user.pk, token=token, name=clean_name(name), length=length)
    # The file first: one without a row is swept away, a row without its file would be a promise not kept.
    staging().create(upload.pk)
    upload.save(force_insert=True)
    return upload


def declare_length(upload: Upload, length: int) -> None:
    """Sets a length that was not known at the beginning. Raises Empty, LimitReached, NoSpace, Gone."""
    _check(length, arrived(upload))
    upload.length = length
    Upload.objects.filter(pk=upload.pk).update(length=length)


def arrived(upload: Upload) -> int:
    """Bytes that are on the disk. Raises Gone."""
    return upload.offset if upload.job_id is not None else staging().length(upload.pk)


def receive(upload: Upload, offset: int, read: Read) -> int:
    """Appends what `read` gives at `offset`; returns the new offset. Constant memory.

    Raises WrongOffset (also when another writer was quicker), Gone, NoSpace, LimitReached, TooLong and Interrupted.
    Whatever had arrived before is kept.
    """
    if upload.job_id is not None:
        raise WrongOffset(arrived(upload))
    with staging().appender(upload.pk, offset) as appender:
        try:
            _pump(upload, appender, read)
        finally:
            _touch(upload, appender.offset)
    return appender.offset


def finish(upload: Upload) -> Job:
    """The job of an upload that has arrived whole; the same one however often it is asked for.

    Raises Gone, also where its sender may not add images to the team any more: the bytes may have taken hours.
    """
    with transaction.atomic():
        rows = Upload.objects.select_for_update(of=("self",)).select_related("job", "team", "user", "token")
        held = rows.filter(pk=upload.pk).first()
        if held is None:
            raise Gone
        if held.job is None:
            sender = Machine(held.token) if held.token else held.user
            if sender is None or not teams_of(sender, Role.UPLOADER).filter(pk=held.team_id).exists():
                raise Gone
            path = staging().finish(held.pk)
            size = path.stat().st_size
            held.job = create_job(team=held.team, user=sender, name=held.name, path=path, size=size)
            held.length = held.offset = size
            held.touched = timezone.now()
            held.save(update_fields=["job", "length", "offset", "touched"])
        return held.job


def receive_whole(team: Team, user: AbstractBaseUser | Machine, name: str, length: int | None, read: Read) -> Job:
    """Takes an archive in one go; `length` None: a pipe, whole when it ends without an error.

    It can't be resumed, so when something goes wrong, nothing of it stays. Raises Empty, LimitReached, NoSpace,
    TooLong, and Interrupted when the connection ended early.
    """
    upload = begin(team, user, name, length)
    jobs: list[Job] = []
    try:
        offset = receive(upload, 0, read)
        if not offset:
            raise Empty
        if length is not None and offset != length:
            raise Interrupted
        patiently(lambda: jobs.append(finish(upload)))
    except BaseException:
        with contextlib.suppress(DatabaseError):  # it expires then
            cancel(upload)
        raise
    return jobs[0]


def take_staged(team: Team, user: AbstractBaseUser, name: str, part: UUID) -> Job:
    """The job of an archive that lies whole in the staging folder, brought by a form.

    Raises Empty, Gone, QuotaReached.
    """
    quotas.check(team)
    size = staging().length(part)
    if not size:
        raise Empty
    upload = Upload(pk=part, team=team, user_id=user.pk, name=clean_name(name), length=size, offset=size)
    upload.save(force_insert=True)
    return finish(upload)


def cancel(upload: Upload) -> None:
    """Gives an upload up; one that has its job already stays as it is."""
    deleted, _ = Upload.objects.filter(pk=upload.pk, job=None).delete()
    if deleted:
        staging().discard(upload.pk)


def expire_uploads() -> int:
    """Tidies up: to be called now and then, from any number of processes. Returns how many uploads were given up.

    Finishes those that arrived whole but were cut off before their job; gives up those that no byte came for since
    UPLOAD_EXPIRY_HOURS; forgets where finished ones stood; removes files that belong to nothing.
    """
    now, expiry = timezone.now(), timedelta(hours=settings.UPLOAD_EXPIRY_HOURS)
    for upload in Upload.objects.filter(job=None, length__isnull=False, touched__lt=now - IN_HANDS):
        with contextlib.suppress(Gone):
            if arrived(upload) == upload.length:
                finish(upload)
    abandoned = list(Upload.objects.filter(job=None, touched__lt=now - expiry))
    for upload in abandoned:
        cancel(upload)
    Upload.objects.filter(job__isnull=False, touched__lt=now - expiry).delete()
    drop_strays()
    return len(abandoned)


def drop_strays() -> None:
    """Removes staged files of this host that belong to nothing, untouched since UPLOAD_EXPIRY_HOURS."""
    for path in strays(settings.UPLOAD_EXPIRY_HOURS * 3600.0):
        path.unlink(missing_ok=True)


def strays(seconds: float) -> list[Path]:
    """Staged files that belong to nothing, and that nothing was written to for that long."""
    return [path for path in staging().untouched(seconds) if not _is_needed(path)]


def expires(upload: Upload) -> datetime:
    """When the upload is given up if nothing more of it arrives."""
    return upload.touched + timedelta(hours=settings.UPLOAD_EXPIRY_HOURS)


def clean_name(name: str) -> str:
    """The sender's name of an archive as it is kept: no folders, no control characters, 255 characters at most."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip()[:255] or "archive.tar"


def _check(length: int | None, arrived_already: int) -> None:
    if length == 0:
        raise Empty
    _check_limit(length or 0)
    staging().check_space((length or 0) - arrived_already)


def _check_limit(length: int) -> None:
    settings.LIMITS.check("max_archive_bytes", length, "the archive")


def _pump(upload: Upload, appender: Appender, read: Read) -> None:
    touched = time.monotonic()
    while data := _next(read):
        end = appender.offset + len(data)
        _check_limit(end)
        if upload.length is not None and end > upload.length:
            raise TooLong
        appender.write(data)
        if time.monotonic() - touched >= TOUCH_SECONDS:
            _touch(upload, appender.offset)
            touched = time.monotonic()


def _next(read: Read) -> bytes:
    try:
        return read(BLOCK)
    except Exception as error:  # each server has its own errors for a connection that broke
        raise Interrupted from error


def _touch(upload: Upload, offset: int) -> None:
    """Notes how far it is. A database that is gone for a moment is no reason to drop the connection."""
    upload.offset, upload.touched = offset, timezone.now()
    try:
        Upload.objects.filter(pk=upload.pk).update(offset=offset, touched=upload.touched)
    except DatabaseError:
        close_old_connections()


def _is_needed(path: Path) -> bool:
    if Job.objects.filter(path=str(path)).exists():
        return True
    with contextlib.suppress(ValueError):
        return Upload.objects.filter(pk=UUID(path.stem), job=None).exists()
    return False
