"""The Docker Engine's images and containers, live; one image taken in; what a container changed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from analyzer.models import Image, Role
from analyzer.registry.errors import Kind, RegistryError
from analyzer.selectors.access import team_for, teams_of
from analyzer.selectors.engine import change_counts, change_rows, container_rows, image_rows, stored_refs
from analyzer.services.engines import container_of, create_intake, engine_for, image_of
from analyzer.web.twins import twin, wanted

IMAGE_COLUMNS = ("image_id", "names", "size", "stored")
CONTAINER_COLUMNS = ("id", "name", "image", "image_id", "state", "size")
CHANGE_COLUMNS = ("change", "path", "size")
MOST_CHANGES = 500  # rows of the page; the twins have all

STATUS = {Kind.NOT_FOUND: 404, Kind.TIMEOUT: 504}


@login_required
@require_safe
@vary_on_headers("HX-Request")
def engine(request: HttpRequest) -> HttpResponse:
    """What the engine has: a page, a part of the page that adds images, or a twin of one of its tables."""
    context: dict[str, Any] = {"teams": teams_of(request.user, Role.UPLOADER)}
    with engine_for(request.user) as daemon:
        try:
            version, images, containers = daemon.version(), daemon.images(), daemon.containers()
        except RegistryError as error:
            return _told(request, error)
    rows, standing = image_rows(request.user, images), container_rows(request.user, containers)
    if wanted(request):
        if request.GET.get("part") == "containers":
            return twin(request, "containers", standing, CONTAINER_COLUMNS)
        return twin(request, "images", rows, IMAGE_COLUMNS)
    template = "analyzer/_engine.html" if request.headers.get("HX-Request") else "analyzer/engine.html"
    return render(request, template, context | {"engine_version": version, "images": rows, "containers": standing})


@login_required
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Takes one image in, for one of the viewer's teams."""
    with engine_for(request.user) as daemon:
        team = team_for(request.user, request.POST.get("team", ""), Role.UPLOADER)
        try:
            image = image_of(daemon, request.POST.get("image", ""))
        except RegistryError as error:
            return _told(request, error)
    assert isinstance(request.user, User)  # noqa: S101 - the engine is there for people alone
    job = create_intake(team, request.user, image)
    messages.success(request, f"{job.name} comes from the engine.")
    return redirect("job", job.pk)


@login_required
@require_safe
def container(request: HttpRequest, container_id: str) -> HttpResponse:
    """A container's writable layer by the rules of `docker diff`, with sizes."""
    with engine_for(request.user) as daemon:
        try:
            found = daemon.container(container_id)
            changes = daemon.changes(found.container_id)
        except RegistryError as error:
            return _told(request, error)
    rows = change_rows(changes)
    if wanted(request):
        return twin(request, "changes", rows, CHANGE_COLUMNS, container=found.container_id, size=found.size)
    heaviest = sorted(rows, key=lambda row: (-(row["size"] or 0), row["path"]))
    context = {
        "container": found,
        "ref": stored_refs(request.user, [found.image_id]).get(found.image_id),
        "changes": heaviest[:MOST_CHANGES],
        "left_out": max(0, len(rows) - MOST_CHANGES),
        "counts": change_counts(changes),
    }
    return render(request, "analyzer/engine_container.html", context)


def writable_layer(request: HttpRequest, image: Image) -> Mapping[str, Any] | None:
    """What the stack shows on top of the image: the container that `?container=` names, if it stands on it.

    Raises Http404 for another container, and for whom there is no engine.
    """
    container_id = request.GET.get("container", "")
    if not container_id:
        return None
    with engine_for(request.user) as daemon:
        try:
            found = container_of(daemon, container_id, image.image_id)
            changes = daemon.changes(found.container_id)
        except RegistryError as error:
            return {"problem": str(error)}
    return {"container": found, "counts": change_counts(changes)}


def _told(request: HttpRequest, error: RegistryError) -> HttpResponse:
    """What went wrong, as a note in a page or in the page that asked."""
    if request.headers.get("HX-Request"):  # htmx shows answers of 200 alone
        return render(request, "analyzer/_engine.html", {"problem": str(error)})
    return render(request, "analyzer/engine.html", {"problem": str(error)}, status=STATUS.get(error.kind, 502))


urlpatterns = [
    path("engine/", engine, name="engine"),
    path("engine/take/", take, name="engine-take"),
    path("engine/containers/<slug:container_id>/", container, name="engine-container"),
]
