"""What a registry has: its repositories, their tags; pulling one, or all that match two patterns."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from analyzer.models import Reference, Registry, Role
from analyzer.registry.errors import RegistryError
from analyzer.selectors.access import registry_for
from analyzer.services import registry_access as asked
from analyzer.services.registries import BadRegistry
from analyzer.services.registry_pulls import pull_pairs, pull_tag
from analyzer.services.watches import checked, is_pattern
from analyzer.web.twins import twin, wanted

SHOWN = 200  # tags of a preview


@login_required
@require_GET
def repositories(request: HttpRequest, registry_id: int) -> HttpResponse:
    """A page of repositories; to htmx only the list."""
    found = registry_for(request.user, registry_id, Role.UPLOADER)
    listed = asked.repositories(found, _page(request))
    if wanted(request):
        return twin(request, "repositories", [{"repository": name} for name in listed.names], ("repository",))
    part = request.htmx  # type: ignore[attr-defined]
    template = "analyzer/_registry_repositories.html" if part else "analyzer/registry_repositories.html"
    context = {"registry": found, "listed": listed, "address": reverse("registry-repositories", args=[found.pk])}
    return render(request, template, context)


@login_required
@require_GET
def tags(request: HttpRequest, registry_id: int) -> HttpResponse:
    """A page of a repository's tags, each with the image that the team has under that name."""
    found = registry_for(request.user, registry_id, Role.UPLOADER)
    try:
        repository, _ = checked(found.host, request.GET.get("repository", ""), "latest")
    except BadRegistry as bad:
        return _refused(request, found, str(bad))
    if is_pattern(repository):
        query = urlencode({"repository": repository, "tag": "*"})
        return redirect(f"{reverse('registry-matching', args=[found.pk])}?{query}")
    listed = asked.tags(found, repository, _page(request))
    rows = _with_images(found, repository, listed.names)
    if wanted(request):
        return twin(request, "tags", rows, ("repository", "tag", "image_id"))
    context = {"registry": found, "repository": repository, "listed": listed, "rows": rows}
    return render(request, "analyzer/registry_tags.html", context)


@login_required
@require_POST
def pull(request: HttpRequest, registry_id: int) -> HttpResponse:
    """One tag becomes a job."""
    found = registry_for(request.user, registry_id, Role.UPLOADER)
    try:
        job = pull_tag(found, _user(request), request.POST.get("repository", ""), request.POST.get("tag", ""))
    except (BadRegistry, RegistryError) as refused:
        return _refused(request, found, str(refused))
    messages.success(request, f"{job.name} is being pulled.")
    return redirect("job", job.pk)


@login_required
def matching(request: HttpRequest, registry_id: int) -> HttpResponse:
    """What two patterns match now, with the count; a POST of the form below it makes the jobs."""
    found = registry_for(request.user, registry_id, Role.UPLOADER)
    parameters = request.POST if request.method == "POST" else request.GET
    try:
        repository, tag = checked(found.host, parameters.get("repository", ""), parameters.get("tag", "") or "*")
        with asked.opened(found, hurried=True) as client:
            pairs = asked.there(client, repository, tag)
        if request.method == "POST" and pairs:
            jobs = pull_pairs(found, _user(request), pairs)
            messages.success(request, f"{len(jobs)} tag{'s are' if len(jobs) != 1 else ' is'} being pulled.")
            return redirect("jobs")
    except (BadRegistry, RegistryError) as refused:
        return _refused(request, found, str(refused))
    if wanted(request):
        rows = [{"repository": name, "tag": each} for name, each in pairs]
        return twin(request, "tags", rows, ("repository", "tag"))
    context = {
        "registry": found,
        "repository": repository,
        "tag": tag,
        "count": len(pairs),
        "pairs": pairs[:SHOWN],
        "more": max(0, len(pairs) - SHOWN),
        "most": settings.WATCH_MAX_TAGS,
    }
    return render(request, "analyzer/registry_matching.html", context)


def _with_images(registry: Registry, repository: str, names: list[str]) -> list[dict[str, str | None]]:
    known = Reference.objects.filter(
        team_id=registry.team_id, repository=f"{registry.host}/{repository}", tag__in=names
    ).values_list("tag", "image__image_id")
    held = dict(known)
    return [{"repository": repository, "tag": name, "image_id": held.get(name)} for name in names]


def _refused(request: HttpRequest, registry: Registry, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("registry", registry.pk)


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    return request.user


urlpatterns = [
    path("registries/<int:registry_id>/repositories/", repositories, name="registry-repositories"),
    path("registries/<int:registry_id>/tags/", tags, name="registry-tags"),
    path("registries/<int:registry_id>/pull/", pull, name="registry-pull"),
    path("registries/<int:registry_id>/matching/", matching, name="registry-matching"),
]
