"""Add images: drop zone, queue, the line for a shell, the sample; and the form that works without a script."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from analyzer.api.problems import STATUS
from analyzer.models import ENDED, Role
from analyzer.selectors.access import job_for, team_for, teams_of, upload_for, uploads_of, visible_jobs
from analyzer.selectors.jobs import cards_of
from analyzer.services import quotas, uploads
from analyzer.services.engine_rights import may_use_engine
from analyzer.services.quotas import QuotaReached
from analyzer.services.refusals import REFUSED, explain
from analyzer.services.sample import add_sample
from analyzer.web.addresses import site_of
from analyzer.web.jobs import told
from analyzer.web.upload_handlers import StagedFile, StagingHandler

MOST_JOBS = 10
LATELY = timedelta(minutes=30)


@login_required
@require_GET
def add_images(request: HttpRequest) -> HttpResponse:
    return _page(request)


@csrf_exempt  # checked below, when it is known who sends the form and where its files go: the check reads it all
@login_required
@require_POST
def form(request: HttpRequest) -> HttpResponse:
    """The drop zone's form as a browser without scripts sends it: any number of archives in one body."""
    handler = StagingHandler()
    request.upload_handlers = [handler]
    try:
        quotas.check_any(teams_of(request.user, Role.UPLOADER))
        uploads.staging().check_space(int(request.META.get("CONTENT_LENGTH") or 0))
        return _take(request, handler)
    except REFUSED as refusal:
        return _page(request, explain(refusal), STATUS[type(refusal)])
    finally:
        handler.discard()


@csrf_protect
def _take(request: HttpRequest, handler: StagingHandler) -> HttpResponse:
    files = [file for file in request.FILES.getlist("files") if isinstance(file, StagedFile)]
    if handler.refusal is not None:
        raise handler.refusal
    if not files:
        return _page(request, "No archive was chosen.", 400)
    team = team_for(request.user, request.POST.get("team", ""), Role.UPLOADER)
    jobs = []
    for file in files:
        jobs.append(uploads.take_staged(team, _user(request), file.name or "", file.upload))
        handler.staged.remove(file.upload)
    names = ", ".join(job.name for job in jobs)
    messages.success(request, f"{names} {'has' if len(jobs) == 1 else 'have'} arrived.")
    return redirect("job", jobs[0].pk) if len(jobs) == 1 else redirect("jobs")


@login_required
@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    """The sample goes to the team that is named, or to the first one."""
    slug = request.POST.get("team")
    team = team_for(request.user, slug, Role.UPLOADER) if slug else teams_of(request.user, Role.UPLOADER).first()
    if team is None:
        return _page(request)
    try:
        return redirect("job", add_sample(team, _user(request)).pk)
    except QuotaReached as refusal:
        return _page(request, explain(refusal), STATUS[QuotaReached])


@login_required
@require_POST
def cancel(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Gives up an upload that stopped."""
    upload = upload_for(request.user, upload_id)
    uploads.cancel(upload)
    messages.success(request, f"{upload.name} was given up; what had arrived of it is deleted.")
    return redirect("add-images")


@login_required
@require_GET
def row(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The row of one job, which asks for itself again until the job has ended."""
    return render(
        request, "analyzer/_upload_job.html", told(cards_of(request.user, [job_for(request.user, job_id)])[0])
    )


def curl_line(request: HttpRequest, more: str = "") -> str:
    """The line for a shell that brings an image here; `more` parameters of the address."""
    site = site_of(request)
    return (
        "docker save my-image | curl -T - \\\n"
        '  -H "Authorization: Bearer $TOKEN" \\\n'
        f'  "{site}{reverse("api-uploads")}?name=my-image.tar{more}"'
    )


def ways_in(request: HttpRequest, refused: str = "") -> dict[str, Any]:
    """What `_add_ways.html` shows: the ways to bring an archive, and what the viewer is adding."""
    mine = visible_jobs(request.user).filter(user=_user(request)).select_related("team", "archive")
    recent = mine.filter(~Q(state__in=ENDED) | Q(finished__gt=timezone.now() - LATELY))[:MOST_JOBS]
    teams = teams_of(request.user, Role.UPLOADER)
    filling = quotas.filling(teams)
    stopped = uploads_of(request.user).filter(job=None, length__isnull=False, offset__lt=F("length"))
    return {
        "teams": teams,
        "filling": filling,
        "full": {used.team.pk for used in filling if used.is_full},
        "stopped": stopped.select_related("team"),
        "jobs": [told(card) for card in cards_of(request.user, recent)],
        "curl": curl_line(request, f"&team={teams[0].slug}" if len(teams) > 1 else ""),
        "jobs_address": reverse("api-jobs"),
        "no_job": UUID(int=0),
        "refused": refused,
        "engine": may_use_engine(request.user),
    }


def _page(request: HttpRequest, refused: str = "", status: int = 200) -> HttpResponse:
    return render(request, "analyzer/add_images.html", ways_in(request, refused), status=status)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    return request.user


urlpatterns = [
    path("add/", add_images, name="add-images"),
    path("add/form/", form, name="add-form"),
    path("add/sample/", sample, name="add-sample"),
    path("add/uploads/<uuid:upload_id>/cancel/", cancel, name="upload-cancel"),
    path("add/jobs/<uuid:job_id>/", row, name="add-job"),
]
