"""A backup taken in: every table as it was, then the blobs. All rows or none."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from analyzer.blobstore.filesystem import FilesystemStore
from analyzer.blobstore.store import BlobMismatch
from analyzer.models import ENDED, Blob, Image, Job, JobStage, JobState, Upload
from analyzer.services import backup, backup_rows, keeping

OVER = "The site was restored from a backup, which has no archives that were still on their way: add it again."


class Refused(Exception):
    """The backup can't be taken in; the message is one sentence for a person. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    rows: int
    blobs: int  # that are in the store now
    absent: list[str]  # claimed by rows, and neither in the backup nor in the store: the rows say so now
    other_key: bool  # what was sealed can't be opened with the key of this site


def restore(place: Path, *, replace: bool = False, told: backup.Told = lambda line: None) -> Restored:
    """Takes the backup at `place` in. `replace`: also where there are images or people already, who are gone then.

    Raises Refused, OSError, DatabaseError.
    """
    manifest = check(place)
    if not replace and (Image.objects.exists() or User.objects.exists()):
        raise Refused("There are people or images already: --replace would put the backup in their place.")
    models = {model._meta.label: model for model in backup_rows.tables()}
    if set(models) != set(manifest["tables"]):
        raise Refused("It has other tables.")
    with transaction.atomic():
        _empty()
        for label, table in manifest["tables"].items():
            told(f"{label}: {table['rows']:,} rows")
            lines = backup.read_lines(place / backup.table_file(models[label]))
            try:
                count = backup_rows.take_in(models[label], table["columns"], lines)
            except ValueError as error:
                raise Refused(f"{label} can't be read: {error}.") from error
            if count != table["rows"] or models[label]._base_manager.count() != count:
                raise Refused(f"{label} should have {table['rows']:,} rows and has {count:,}.")
        connection.check_constraints()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
                cursor.execute(statement)
        _end_what_was_on_its_way()
    blobs, absent = _bring_blobs(place, told)
    Blob.objects.filter(digest__in=absent).update(kept=False, verified=None)
    return Restored(
        sum(table["rows"] for table in manifest["tables"].values()),
        blobs,
        absent,
        _bring_key(place, manifest["key"]),
    )


def check(place: Path) -> dict[str, Any]:
    """The manifest of a backup that is whole and of this version's tables. Raises Refused."""
    try:
        manifest = backup.read_manifest(place)
    except FileNotFoundError:
        raise Refused(f"{place} is no whole backup: it has no {backup.MANIFEST}.") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{place / backup.MANIFEST} can't be read: {error}.") from error
    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    if applied != manifest["migrations"]:
        raise Refused(
            f"It was made by version {manifest['version']}, whose tables differ from those here: "
            "restore it with that version, after its `manage.py migrate`, then upgrade."
        )
    for model in backup_rows.tables():
        path = place / backup.table_file(model)
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise Refused(f"{path} is missing.") from None
        if found != manifest["tables"][model._meta.label]["sha256"]:
            raise Refused(f"{path} is damaged: its bytes are not those that were written.")
    return manifest


def _empty() -> None:
    """All rows of all tables go; foreign keys are looked at when the transaction ends."""
    with connection.cursor() as cursor:
        for model in backup_rows.tables():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - our own name
        for label in backup_rows.LEFT_OUT:
            table = apps.get_model(label)._meta.db_table
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own name


def _end_what_was_on_its_way() -> None:
    Upload.objects.filter(job=None).delete()
    Job.objects.exclude(state__in=ENDED).update(
        state=JobState.FAILED,
        stage=JobStage.ENDED,
        error=OVER,
        finished=timezone.now(),
        lease_token="",
        lease_until=None,
    )


def _bring_blobs(place: Path, told: backup.Told) -> tuple[int, list[str]]:
    source, target = FilesystemStore(place.parent / backup.BLOBS), keeping.store()
    digests = list(Blob.objects.filter(kept=True).order_by("digest").values_list("digest", flat=True))
    scratch = Path(settings.WORK_DIR, f"restore-{os.getpid()}")
    absent = []
    for number, digest in enumerate(digests, 1):
        try:
            if not target.has(digest):
                backup.copy_blob(source, target, digest, scratch)
        except (FileNotFoundError, BlobMismatch):
            absent.append(digest)
        if number % 100 == 0:
            told(f"{number:,} of {len(digests):,} blobs")
    return len(digests) - len(absent), absent


def _bring_key(place: Path, mark: str) -> bool:
    """Puts the generated key where the next start finds it; whether what was sealed stays sealed."""
    kept, ours = place / backup.SECRET, Path(settings.DATA_DIR, backup.SECRET)
    if kept.exists() and ours.exists():
        if kept.read_bytes() != ours.read_bytes():
            draft = ours.with_name(f"{ours.name}.{os.getpid()}")
            shutil.copyfile(kept, draft)
            draft.chmod(0o600)
            os.replace(draft, ours)
        return False
    return mark != backup.key_mark()
