"""Jobs as rows of JSON and CSV, with the names that the API has for the same things."""

from typing import Any

from analyzer.selectors.figures import rfc3339
from analyzer.selectors.jobs import BlobRow, JobCard

JOB_COLUMNS = (
    "id",
    "name",
    "team",
    "user",
    "token",
    "state",
    "stage",
    "size",
    "source",
    "reference",
    "platform",
    "digest",
    "fetched",
    "fetch_total",
    "saved",
    "bytes_done",
    "bytes_total",
    "brought",
    "images",
    "findings",
    "error",
    "created",
    "started",
    "finished",
)
LAYER_COLUMNS = ("position", "diff_id", "length", "bytes_done", "state", "size", "entries")


def job_document(card: JobCard) -> dict[str, Any]:
    """The job with its figures in bytes; `images` and `findings` are numbers of them."""
    job = card.job
    return {
        "id": str(job.pk),
        "name": job.name,
        "team": job.team.slug,
        "user": job.user.get_username() if job.user else None,
        "token": job.by_token or None,
        "state": str(job.state),
        "stage": str(job.stage),
        "size": job.size,
        "source": str(job.source),
        "reference": job.reference or None,
        "platform": job.platform or None,
        "digest": job.digest or None,
        "fetched": job.fetched,
        "fetch_total": job.fetch_total,
        "saved": job.saved,
        "bytes_done": card.bytes_done,
        "bytes_total": card.bytes_total,
        "brought": card.brought,
        "images": card.images_count,
        "findings": len(card.findings),
        "error": job.error or None,
        "created": rfc3339(job.created),
        "started": rfc3339(job.started),
        "finished": rfc3339(job.finished),
    }


def layer_row(row: BlobRow) -> dict[str, Any]:
    """A blob of the job: `length` and `bytes_done` as carried, `size` of the layer once it is read."""
    return {
        "position": row.position,
        "diff_id": row.diff_id or None,
        "length": row.length,
        "bytes_done": row.done,
        "state": str(row.state),
        "size": row.size,
        "entries": row.entries,
    }
