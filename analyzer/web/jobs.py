"""Jobs: the list and one job, both live while something runs; cancel, try again, remove."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from analyzer.models import ENDED, Job, Role
from analyzer.selectors.access import job_for, visible_jobs
from analyzer.selectors.jobs import JobCard, blob_rows, cards_of
from analyzer.services import jobs as services
from analyzer.units import duration
from analyzer.web import job_words as words
from analyzer.web.job_twins import JOB_COLUMNS, LAYER_COLUMNS, job_document, layer_row
from analyzer.web.twins import twin, wanted

PAGE = 20
MOST_BLOBS = 150  # of the table on a job's page; its twin has all
MOST_FINDINGS = 300
STOP_POLLING = 286  # htmx: the answer is shown, and asked for no more


@login_required
@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    if wanted(request):
        cards = cards_of(request.user, visible_jobs(request.user).select_related("team", "archive", "user"))
        return twin(request, "jobs", [job_document(card) for card in cards], JOB_COLUMNS)
    return render(request, "analyzer/jobs.html", _page(request))


@login_required
@require_GET
def job_rows(request: HttpRequest) -> HttpResponse:
    """The rows of the list alone; 286 once none of them will change."""
    context = _page(request)
    status = 200 if context["active"] else STOP_POLLING
    return render(request, "analyzer/_jobs_rows.html", context, status=status)


@login_required
@require_GET
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job; to htmx only what changes of it."""
    found = job_for(request.user, job_id)
    card = cards_of(request.user, [found])[0]
    rows = [row for _, row in blob_rows(request.user, found.layers.order_by("position"))]
    if wanted(request):
        document = job_document(card)
        return twin(request, "layers", [layer_row(row) for row in rows], LAYER_COLUMNS, **document)
    context = {
        **told(card),
        "rows": rows[:MOST_BLOBS],
        "more_rows": len(rows) - MOST_BLOBS,
        "findings": card.findings[:MOST_FINDINGS],
        "took": duration(found.finished - found.started) if found.finished and found.started else "",
        "live": card.active,
    }
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "analyzer/job.html", context)
    return render(request, "analyzer/_job.html", context, status=200 if card.active else STOP_POLLING)


@login_required
@require_POST
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    return _do(request, job_id, services.cancel_job, "{} was cancelled. Layers that it had read stay read.")


@login_required
@require_POST
def retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    return _do(request, job_id, services.retry_job, "{} begins again.")


@login_required
def remove(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Asks first; a POST removes."""
    found = job_for(request.user, job_id, Role.UPLOADER)
    if request.method != "POST":
        return render(request, "analyzer/job_remove.html", {"card": cards_of(request.user, [found])[0]})
    try:
        services.remove_job(found)
    except services.JobNotReady as refused:
        messages.error(request, str(refused))
        return redirect("job", found.pk)
    messages.success(request, f"{found.name} was removed from the list.")
    return redirect("jobs")


def _do(request: HttpRequest, job_id: UUID, act: Callable[[Job], None], done: str) -> HttpResponse:
    """Acts, and goes back to where the button was; to htmx only the row, so that uploads beside it go on."""
    found = job_for(request.user, job_id, Role.UPLOADER)
    problem = ""
    try:
        act(found)
    except services.JobNotReady as refused:
        problem = str(refused)
    if request.htmx:  # type: ignore[attr-defined]
        context = told(cards_of(request.user, [job_for(request.user, job_id)])[0])
        return render(request, "analyzer/_upload_job.html", context | ({"problem": problem} if problem else {}))
    if problem:
        messages.error(request, f"{found.name}: {problem}")
    else:
        messages.success(request, done.format(found.name))
    back = request.POST.get("back")
    return redirect("job", found.pk) if back == "job" else redirect("add-images" if back == "add" else "jobs")


def _page(request: HttpRequest) -> dict[str, Any]:
    """The jobs of the page that the address asks for, with words."""
    found = visible_jobs(request.user)
    states = dict(found.order_by().values_list("state").annotate(Count("pk")))
    page = Paginator(found.select_related("team", "archive"), PAGE).get_page(request.GET.get("page"))
    cards = cards_of(request.user, page.object_list)
    return {
        "page": page,
        "jobs": [told(card) for card in cards],
        "summary": words.summary_of(states),
        "active": any(state not in ENDED for state in states),
    }


def told(card: JobCard) -> dict[str, Any]:
    """What the templates of a job's row need: the card, and words for it."""
    return {
        "card": card,
        "job": card.job,
        "state": words.state_of(card),
        "problem": words.problem_of(card),
        "known": words.known_of(card),
        "fetched": words.fetched_of(card.job),
        "left": words.left_of(card.seconds_left(timezone.now())),
        "progress": words.progress_text(card),
    }


urlpatterns = [
    path("jobs/", jobs, name="jobs"),
    path("jobs/rows/", job_rows, name="job-rows"),
    path("jobs/<uuid:job_id>/", job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", cancel, name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", retry, name="job-retry"),
    path("jobs/<uuid:job_id>/remove/", remove, name="job-remove"),
]
