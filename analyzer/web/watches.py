"""Watches: begun on a registry's page; each has a page with its tags; paused, gone on with, ended."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from analyzer.models import Role, Watch
from analyzer.selectors.access import registry_for, watch_for
from analyzer.selectors.registries import tag_document, tags_of, watch_document
from analyzer.services import watches as services
from analyzer.services.registries import BadRegistry
from analyzer.services.registry_limits import quiet_sentence
from analyzer.web.registry import shown
from analyzer.web.registry_watch_form import WatchForm
from analyzer.web.twins import twin, wanted

PAGE = 100
COLUMNS = ("repository", "tag", "digest", "changed", "checked", "job", "job_state")


@login_required
@require_POST
def add(request: HttpRequest, registry_id: int) -> HttpResponse:
    registry = registry_for(request.user, registry_id, Role.OWNER)
    form = WatchForm(request.POST)
    if form.is_valid():
        assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
        try:
            watch = services.begin(registry, request.user, **form.cleaned_data)
        except BadRegistry as bad:
            form.add_error(bad.field, str(bad))
        else:
            messages.success(request, f"{watch} is watched; the first look is now.")
            return redirect("watch", watch.pk)
    return render(request, "analyzer/registry.html", {**shown(request, registry), "watch_form": form}, status=400)


@login_required
@require_GET
def watch(request: HttpRequest, watch_id: int) -> HttpResponse:
    found = watch_for(request.user, watch_id)
    rows = tags_of(found)
    if wanted(request):
        return twin(request, "tags", [tag_document(row) for row in rows], COLUMNS, **watch_document(found))
    quiet = found.registry.quiet_until is not None and found.registry.quiet_until > timezone.now()
    context = {
        "watch": found,
        "registry": found.registry,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "quiet": quiet_sentence(found.registry) if quiet else "",
    }
    return render(request, "analyzer/watch.html", context)


@login_required
@require_POST
def pause(request: HttpRequest, watch_id: int) -> HttpResponse:
    return _do(request, watch_id, services.pause, "{} rests: nothing is looked at until it goes on.")


@login_required
@require_POST
def go_on(request: HttpRequest, watch_id: int) -> HttpResponse:
    return _do(request, watch_id, services.go_on, "{} goes on; the next look is now.")


@login_required
@require_POST
def look(request: HttpRequest, watch_id: int) -> HttpResponse:
    return _do(request, watch_id, services.look_now, "{} is looked at now.")


@login_required
def delete(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Asks first; a POST ends the watch."""
    found = watch_for(request.user, watch_id, Role.OWNER)
    if request.method != "POST":
        return render(request, "analyzer/watch_delete.html", {"watch": found, "registry": found.registry})
    services.end(found)
    messages.success(request, f"{found} is watched no longer; the images that came of it stay.")
    return redirect("registry", found.registry_id)


def _do(request: HttpRequest, watch_id: int, act: Callable[[Watch], None], done: str) -> HttpResponse:
    found = watch_for(request.user, watch_id, Role.OWNER)
    act(found)
    messages.success(request, done.format(found))
    return redirect("watch", found.pk)


urlpatterns = [
    path("registries/<int:registry_id>/watches/add/", add, name="watch-add"),
    path("watches/<int:watch_id>/", watch, name="watch"),
    path("watches/<int:watch_id>/pause/", pause, name="watch-pause"),
    path("watches/<int:watch_id>/resume/", go_on, name="watch-resume"),
    path("watches/<int:watch_id>/look/", look, name="watch-look"),
    path("watches/<int:watch_id>/delete/", delete, name="watch-delete"),
]
