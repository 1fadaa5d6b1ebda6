"""The form below Add images that pulls an image from a registry; it needs no script."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from analyzer.models import Role
from analyzer.oci.reference import InvalidReference
from analyzer.registry.context import Credentials
from analyzer.registry.platforms import InvalidPlatform
from analyzer.selectors.access import team_for
from analyzer.services import pulls
from analyzer.web.add_images import ways_in

LONGEST = 10_000  # characters of what is typed


@login_required
@require_POST
def pull(request: HttpRequest) -> HttpResponse:
    """A job for the reference that was typed; what is wrong with it is said beside the form."""
    typed = {name: request.POST.get(name, "").strip()[:LONGEST] for name in ("reference", "platform", "username")}
    team = team_for(request.user, request.POST.get("team", ""), Role.UPLOADER)
    password = request.POST.get("password", "")[:LONGEST]
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    try:
        job = pulls.create_pull(
            team=team,
            user=request.user,
            reference=typed["reference"],
            platform=typed["platform"] or None,
            credentials=Credentials(typed["username"], password) if typed["username"] else None,
        )
    except (InvalidReference, InvalidPlatform) as error:
        context = {**ways_in(request), "pull": typed, "pull_refused": pulls.refusal_in_words(error)}
        return render(request, "analyzer/add_images.html", context, status=400)
    messages.success(request, f"{job.name} is being pulled.")
    return redirect("job", job.pk)


urlpatterns = [path("add/pull/", pull, name="add-pull")]
