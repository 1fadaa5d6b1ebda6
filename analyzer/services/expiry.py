"""What becomes of uploads that nobody goes on with."""

import contextlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from analyzer.blobstore.staging import Gone
from analyzer.models import Job, Upload
from analyzer.services.uploads import arrived, cancel, finish, staging

IN_USE = timedelta(minutes=1)  # younger ones may still be in the hands of the request that brings them


def expire_uploads() -> int:
    """Tidies up: to be called now and then, from any number of processes. Returns how many uploads were given up.

    Finishes those that arrived whole but were cut off before their job; gives up those that no byte came for since
    UPLOAD_EXPIRY_HOURS; forgets where finished ones stood; removes files that belong to nothing.
    """
    now, expiry = timezone.now(), timedelta(hours=settings.UPLOAD_EXPIRY_HOURS)
    for upload in Upload.objects.filter(job=None, length__isnull=False, touched__lt=now - IN_USE):
        with contextlib.suppress(Gone):
            if arrived(upload) == upload.length:
                finish(upload)
    abandoned = list(Upload.objects.filter(job=None, touched__lt=now - expiry))
    for upload in abandoned:
        cancel(upload)
    Upload.objects.filter(job__isnull=False, touched__lt=now - expiry).delete()
    for path in staging().untouched(expiry.total_seconds()):
        if not _is_needed(path):
            path.unlink(missing_ok=True)
    return len(abandoned)


def _is_needed(path: Path) -> bool:
    if Job.objects.filter(path=str(path)).exists():
        return True
    with contextlib.suppress(ValueError):
        return Upload.objects.filter(pk=UUID(path.stem), job=None).exists()
    return False
