"""A backup: all rows as they were at one moment, and the bytes of every blob that they claim.

FOLDER/blobs/            the blobs of all backups in it, by digest: each is copied once
FOLDER/<time>/<table>.jsonl.zst
FOLDER/<time>/manifest.json   written last: what has none is no backup

Blobs never change, so the moment is that of the database. They are copied before, when people may go on, and those
that came meanwhile afterwards; one that was deleted in between is named in the manifest.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.crypto import salted_hmac

from analyzer.blobstore.filesystem import FilesystemStore, fsync_folder
from analyzer.blobstore.store import BlobMismatch, BlobStore
from analyzer.models import Blob
from analyzer.services import backup_rows, keeping

MANIFEST = "manifest.json"
BLOBS = "blobs"
LOCK = "lock"
SECRET = "secret_key"  # noqa: S105 - a file's name
FORM = 1
BLOCK = 1 << 20
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    folder: Path
    rows: int
    blobs: int
    copied: int  # blobs that were not in an earlier backup
    absent: dict[str, str]  # digest: why its bytes are not here


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else writes backups into the folder meanwhile. Raises OSError where somebody does.

    `forget` removes blobs that no whole backup claims: those of one that is being written are among them.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(errno.EBUSY, "another backup is being written into it", str(folder)) from None
        yield
    finally:
        os.close(descriptor)


def back_up(folder: Path, *, blobs: bool = True, told: Told = lambda line: None) -> Made:
    """Writes one more backup into the folder. Raises OSError, DatabaseError; what was begun is no backup then."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = FilesystemStore(folder / BLOBS, settings.MIN_FREE_DISK_BYTES)
    target.sweep(older_than=86_400)
    copied = len(_copy(target, _claimed(), {}, told)) if blobs else 0
    place = folder / timezone.now().strftime("%Y-%m-%dT%H-%M-%SZ")
    place.mkdir(mode=0o700)
    absent: dict[str, str] = {}
    try:
        with one_moment():
            written = {model._meta.label: _table(place, model) for model in backup_rows.tables()}
            claimed = _claimed()
            applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
        if blobs:
            copied += len(_copy(target, claimed, absent, told))
        secret = Path(settings.DATA_DIR, SECRET)
        if secret.exists():
            shutil.copyfile(secret, place / SECRET)
            (place / SECRET).chmod(0o600)
        manifest = {
            "form": FORM,
            "version": settings.VERSION,
            "made": timezone.now().isoformat(),
            "database": connection.vendor,
            "migrations": applied,
            "tables": written,
            "blobs": len(claimed) if blobs else None,
            "absent": absent,
            "key": key_mark(),
        }
        _write_last(place / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    rows = sum(table["rows"] for table in written.values())
    return Made(place, rows, len(claimed) if blobs else 0, copied, absent)


def backups(folder: Path) -> list[Path]:
    """The whole backups of the folder, oldest first."""
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))


def forget(folder: Path, keep: int) -> int:
    """Removes all backups but the newest `keep`, and blobs that no backup claims. Returns the bytes of these."""
    for old in backups(folder)[:-keep]:
        (old / MANIFEST).unlink()  # first: half of one is none
        shutil.rmtree(old)
    needed = {digest for place in backups(folder) for digest in claimed_by(place)}
    store = FilesystemStore(folder / BLOBS)
    unneeded = [found.digest for found in store.found() if found.digest and found.digest not in needed]
    return sum(map(store.delete, unneeded))


def claimed_by(place: Path) -> Iterator[str]:
    """Digests of the blobs whose bytes a backup's rows claim."""
    names = read_manifest(place)["tables"]["analyzer.Blob"]["columns"]
    digest, kept = names.index("digest"), names.index("kept")
    for line in read_lines(place / table_file(Blob)):
        row = json.loads(line)
        if row[kept]:
            yield row[digest]


def read_manifest(place: Path) -> dict[str, Any]:
    """Raises OSError, ValueError."""
    manifest: dict[str, Any] = json.loads((place / MANIFEST).read_bytes())
    if manifest.get("form") != FORM:
        raise ValueError("its form is another version's")
    return manifest


def read_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        rest = b""
        while block := reader.read(BLOCK):
            *whole, rest = (rest + block).split(b"\n")
            yield from whole


def table_file(model: type[Any]) -> str:
    return f"{model._meta.db_table}.jsonl.zst"


def key_mark() -> str:
    """Tells whether two keys are the same, and nothing else of them."""
    return salted_hmac("layersite.backup", "key", algorithm="sha256").hexdigest()[:16]


def copy_blob(source: BlobStore, target: BlobStore, digest: str, scratch: Path) -> None:
    """Copies one blob, by way of the file `scratch`. Raises FileNotFoundError, BlobMismatch, OSError."""
    try:
        with source.open(digest) as blob, scratch.open("wb") as draft:
            shutil.copyfileobj(blob, draft, BLOCK)
        target.adopt(digest, scratch)
    finally:
        scratch.unlink(missing_ok=True)


@contextlib.contextmanager
def one_moment() -> Iterator[None]:
    """What is read within is as it was at one moment, however long that takes; others may write."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")  # not as Django begins: that would keep all others from writing
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _claimed() -> dict[str, str]:
    return dict(Blob.objects.filter(kept=True).order_by("digest").values_list("digest", "fault"))


def _copy(target: FilesystemStore, claimed: dict[str, str], absent: dict[str, str], told: Told) -> list[str]:
    source, copied, said = keeping.store(), [], time.monotonic()
    scratch = target.root / "tmp" / f"copy-{os.getpid()}"
    scratch.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, (digest, fault) in enumerate(claimed.items(), 1):
        if not target.has(digest):
            try:
                copy_blob(source, target, digest, scratch)
                copied.append(digest)
            except FileNotFoundError:
                absent[digest] = "It is not in the store."
            except BlobMismatch:
                absent[digest] = fault or "Its bytes have another digest."
        if time.monotonic() - said > 10:
            told(f"{number:,} of {len(claimed):,} blobs")
            said = time.monotonic()
    return copied


def _table(place: Path, model: type[Any]) -> dict[str, Any]:
    path = place / table_file(model)
    count = 0
    with path.open("xb") as file:
        with zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False) as sink:
            for count, line in enumerate(backup_rows.lines(model), 1):  # noqa: B007 - the last one is the number of rows
                sink.write(line)
        file.flush()
        os.fsync(file.fileno())
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"rows": count, "columns": backup_rows.columns(model), "sha256": digest}


def _write_last(path: Path, data: bytes) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    fsync_folder(path.parent)
    fsync_folder(path.parent.parent)
