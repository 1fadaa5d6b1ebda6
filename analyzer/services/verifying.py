"""Reads kept blobs again: are the bytes still those of the blob digest, and is the tar in them that of the diffID?"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Sum
from django.utils import timezone

from analyzer.archive.budget import LimitReached
from analyzer.archive.scan import LayerScan, Progress, hash_layer
from analyzer.models import Blob, Upkeep, UpkeepKind
from analyzer.services import upkeep
from analyzer.services.keeping import kept_bytes
from analyzer.services.upkeep import Work


def ask_to_verify(blobs: Iterable[Blob], subject: str, user: User | None) -> Upkeep:
    """Work for a worker: the kept ones of these blobs are read again."""
    digests = sorted(blob.digest for blob in blobs if blob.kept)
    size = Blob.objects.filter(digest__in=digests).aggregate(Sum("size"))["size__sum"] or 0
    return upkeep.ask(UpkeepKind.VERIFY, subject, {"blobs": digests}, user, bytes_total=size)


def verify(work: Work) -> None:
    """Each blob of the plan; one that is gone or no longer kept is passed over."""
    before = 0
    for digest in work.row.plan["blobs"]:
        blob = Blob.objects.select_related("layer").filter(digest=digest, kept=True).first()
        if digest not in work.results:
            work.done(digest, verify_blob(blob, work.reading(before)) if blob else {"fault": "", "gone": True})
        before += blob.size if blob else 0
    work.write(bytes_done=before)


def verify_blob(blob: Blob, progress: Progress | None = None) -> Mapping[str, Any]:
    """What reading the blob tells, which is noted in its row: `fault` is one sentence, empty where all is well.

    What a limit keeps from being read to its end is not judged: `unread` says why, and the row stays as it is.
    Raises OSError where the disk fails, and what `progress` raises.
    """
    read: LayerScan | None = None
    try:
        read = hash_layer(kept_bytes(blob.digest), settings.LIMITS, progress)
        fault = _fault(blob, read)
    except FileNotFoundError:
        fault = "Its file is gone."
    except LimitReached as reached:
        unread = f"{reached}: it was not read to the end. Raise {reached.setting} to read it."
        return {"layer": blob.layer.diff_id, "fault": "", "unread": unread}
    Blob.objects.filter(pk=blob.pk).update(verified=timezone.now(), fault=fault)
    return {
        "layer": blob.layer.diff_id,
        "bytes": read.blob_size if read else None,
        "digest": read.blob_digest if read else None,
        "diff_id": read.diff_id if read else None,
        "fault": fault,
    }


def _fault(blob: Blob, read: LayerScan) -> str:
    if read.blob_digest != blob.digest:
        of = (
            ""
            if read.blob_size == blob.size
            else f", and there are {read.blob_size:,} of them instead of {blob.size:,}"
        )
        return f"The bytes are those of {read.blob_digest}{of}."
    if read.status != "ok":
        return f"The digest is right, but the layer can't be read: {read.reason}"[:300]
    if read.diff_id != blob.layer.diff_id:
        return f"The tar in it is {read.diff_id}, not that of the layer."
    return ""
