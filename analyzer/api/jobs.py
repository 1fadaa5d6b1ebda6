"""Jobs: how far they are, what came of them; cancel, try again."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Query, Router

from analyzer.api.auth import viewer
from analyzer.api.paging import page_of
from analyzer.api.queries import JobQuery
from analyzer.api.schemas import JobOut, JobSummary, Page
from analyzer.models import Job, Role
from analyzer.selectors import access
from analyzer.selectors.figures import rfc3339
from analyzer.selectors.jobs import JobCard, blob_rows, cards_of
from analyzer.services import jobs

router = Router(tags=["jobs"])


@router.get("/", response=Page[JobSummary], url_name="api-jobs", summary="The jobs of your teams")
def list_jobs(request: HttpRequest, asked: Query[JobQuery]) -> HttpResponse:
    """Newest first."""
    rows = access.visible_jobs(viewer(request)).select_related("team", "user", "archive")
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.team:
        rows = rows.filter(team__slug=asked.team)
    page = page_of(request, rows, asked, lambda found: [_summary(card) for card in cards_of(viewer(request), found)])
    return JsonResponse(page)


@router.get("/{uuid:job_id}/", response=JobOut, url_name="api-job", summary="A job")
def get_job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """How far it is in bytes, layer by layer; when it has ended, its findings and the images that came of it."""
    return JsonResponse(document(access.job_for(viewer(request), job_id), viewer(request)))


@router.post("/{uuid:job_id}/cancel/", response=JobOut, summary="Stop a job")
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """409 if it has ended already."""
    job = access.job_for(viewer(request), job_id, Role.UPLOADER)
    jobs.cancel_job(job)
    return get_job(request, job_id)


@router.post("/{uuid:job_id}/retry/", response=JobOut, summary="Try a job again")
def retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """For one that failed or was cancelled, while its archive is still here; 409 otherwise."""
    job = access.job_for(viewer(request), job_id, Role.UPLOADER)
    jobs.retry_job(job)
    return get_job(request, job_id)


def document(job: Job, user: access.Bearer) -> dict[str, Any]:
    """The whole job, as JobOut describes it; of its images those that the user may see."""
    rows = []
    if job.archive is not None:
        rows = list(job.archive.archive_images.filter(image__in=access.visible_images(user)).select_related("image"))
    return {
        **_summary(cards_of(user, [job])[0]),
        "layers": [
            {
                "position": row.position,
                "diff_id": row.diff_id or None,
                "size": row.length,
                "bytes_done": row.done,
                "state": row.state,
            }
            for _, row in blob_rows(user, job.layers.all())
        ],
        "images": [
            {
                "image_id": row.image.image_id,
                "url": reverse("api-image", args=[access.ref_of(row.image)]),
                "references": row.references,
            }
            for row in rows
        ],
        "findings": job.archive.findings if job.archive is not None else [],
    }


def _summary(card: JobCard) -> dict[str, Any]:
    job = card.job
    return {
        "id": str(job.pk),
        "url": reverse("api-job", args=[job.pk]),
        "name": job.name,
        "team": job.team.slug,
        "user": job.user.get_username() if job.user else None,
        "token": job.by_token or None,
        "state": job.state,
        "stage": job.stage,
        "size": job.size,
        "source": job.source,
        "reference": job.reference or None,
        "platform": job.platform or None,
        "digest": job.digest or None,
        "fetch": {"bytes_done": job.fetched, "bytes_total": job.fetch_total, "bytes_saved": job.saved},
        "progress": {"bytes_done": card.bytes_done, "bytes_total": card.bytes_total},
        "error": job.error or None,
        "created": rfc3339(job.created),
        "started": rfc3339(job.started),
        "finished": rfc3339(job.finished),
    }
