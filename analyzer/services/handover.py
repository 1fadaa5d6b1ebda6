"""Archives on their way from the host that received them to those that work on them, where these share no folder.

With BLOB_STORE_STAGING, a staged file has a copy in the bucket, below `staged/` and by its path in DATA_DIR, which is
the same on every host. Whoever needs it here fetches it once; it goes from the bucket with the job, and from each host
when that next has to do with jobs. Without, all of this does nothing.
"""

import fcntl
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from analyzer.blobstore.objects import ObjectStore, upload
from analyzer.models import ENDED, Job

STAGED = "staged/"
BLOCK = 8 << 20
YOUNG = 3600.0


def _bucket() -> ObjectStore | None:
    bucket = settings.BLOB_STORE
    return ObjectStore(bucket) if bucket is not None and settings.BLOB_STORE_STAGING else None


def _name(path: Path) -> str:
    return STAGED + str(path.relative_to(settings.DATA_DIR))


def give(path: Path) -> bool:
    """Puts a copy of a staged file, or of all files of a staged folder, into the bucket. Raises OSError.

    False where that is not needed.
    """
    if (store := _bucket()) is None or not path.is_relative_to(settings.DATA_DIR):
        return False
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file() and not file.is_symlink():
            size = file.stat().st_size
            key = store.bucket.prefix + _name(file)
            if store.length(key) != size:
                upload(store.bucket, key, file, 0, size)
    return True


def bring(path: Path, tick: Callable[[], None] = lambda: None) -> None:
    """Makes a staged file or folder be here, if the bucket has it; `tick` is called now and then, and may raise."""
    if (store := _bucket()) is None or not path.is_relative_to(settings.DATA_DIR):
        return
    if path.is_file():
        return
    for name, size, written in list(store.listed(_name(path))):
        place = Path(settings.DATA_DIR, name.removeprefix(STAGED))
        if not (place == path or place.is_relative_to(path)):  # another name that begins like this one
            continue
        with _alone(place):
            if not place.exists():
                _fetch(store, name, size, written, place, tick)


def there(path: Path) -> bool:
    """Whether the staged file is here or can be brought."""
    if path.exists():
        return True
    store = _bucket()
    return store is not None and store.length(store.bucket.prefix + _name(path)) is not None


def drop(path: Path) -> None:
    """Takes a staged file or folder out of the bucket."""
    if (store := _bucket()) is not None and path.is_relative_to(settings.DATA_DIR):
        for name, _, _ in list(store.listed(_name(path))):
            store.remove(store.bucket.prefix + name)


def tidy() -> None:
    """Removes what this host has of jobs that ended elsewhere, and what the bucket has of jobs that are no more."""
    if (store := _bucket()) is None:
        return
    old = time.time() - YOUNG
    for path in (*Path(settings.UPLOAD_DIR).glob("*.archive"), *Path(settings.PULL_DIR).glob("layout-*")):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < old and not _at_work(path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in Path(settings.WORK_DIR).iterdir():
        with suppress(FileNotFoundError, ValueError):
            if path.stat().st_mtime < old and not Job.objects.filter(pk=uuid.UUID(path.name)).exclude(state__in=ENDED):
                shutil.rmtree(path)
    for name, _, written in list(store.listed(STAGED)):
        folder, _, rest = name.removeprefix(STAGED).partition("/")
        owner = Path(settings.DATA_DIR, folder, rest.partition("/")[0])
        if written < old and not Job.objects.filter(path=str(owner)).exists():
            store.remove(store.bucket.prefix + name)


def _at_work(path: Path) -> bool:
    return Job.objects.filter(path=str(path)).exclude(state__in=ENDED).exists()


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One process of this host fetches a file, the others wait for it."""
    lock = Path(settings.RUN_DIR, f"handover-{hashlib.sha256(str(place).encode()).hexdigest()[:16]}")
    descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _fetch(store: ObjectStore, name: str, size: int, written: float, place: Path, tick: Callable[[], None]) -> None:
    """`written`: its time on each host, from the moment it is here; by it the plain form of an archive has its name."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f"{place.name}.{uuid.uuid4().hex}.part")
    try:
        with store.reader(store.bucket.prefix + name, size) as source, draft.open("xb") as sink:
            while block := source.read(BLOCK):
                tick()
                sink.write(block)
        os.utime(draft, (written, written))
        os.replace(draft, place)
    finally:
        draft.unlink(missing_ok=True)
