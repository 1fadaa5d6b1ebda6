"""Registries of your teams: kept, tried out, browsed, pulled from; and what is watched in them."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import person, viewer
from analyzer.api.paging import page_of
from analyzer.api.problems import Problem
from analyzer.api.queries import Paging, TeamQuery
from analyzer.api.registryschemas import (
    ListedOut,
    MatchingIn,
    PulledOut,
    RegistryIn,
    RegistryOut,
    TestOut,
    WatchedTagOut,
    WatchIn,
    WatchOut,
    WatchPatch,
)
from analyzer.api.schemas import Page
from analyzer.models import Registry, Role, Watch
from analyzer.registry.errors import Kind, RegistryError
from analyzer.selectors import access
from analyzer.selectors.registries import (
    Kept,
    is_owned,
    kept_registries,
    registry_document,
    tag_document,
    tags_of,
    watch_document,
    watches_of,
)
from analyzer.services import registries, registry_access, registry_pulls, watches
from analyzer.services.registries import BadRegistry, Entered

router = Router(tags=["registries"])
Given = TypeVar("Given")
STATUS = {Kind.RATE_LIMITED: 429, Kind.NOT_FOUND: 404, Kind.TOO_LARGE: 422}


class Listing(Schema):
    page: int = Field(1, ge=1, le=200)


class TagsQuery(Listing):
    repository: str = Field(max_length=255)


class MatchQuery(Schema):
    repository: str = Field(max_length=255, description="A repository or a glob.")
    tag: str = Field("*", max_length=128, description="A tag or a glob.")


@router.get("/", response=list[RegistryOut], url_name="api-registries", summary="The registries of your teams")
def list_registries(request: HttpRequest, asked: Query[TeamQuery]) -> HttpResponse:
    """By name. A password is in no answer."""
    kept = kept_registries(viewer(request))
    found = [registry_document(each) for each in kept if asked.team in ("", each.registry.team.slug)]
    return JsonResponse(found, safe=False)


@router.post("/", response={201: RegistryOut}, summary="Keep a registry")
def add_registry(request: HttpRequest, entered: RegistryIn) -> HttpResponse:
    """In a team that you own. The password can be written, and never read."""
    owned = access.teams_owned_by(viewer(request))
    team = owned.filter(slug=entered.team).first() if entered.team else owned.first()
    if team is None:
        raise Problem(404, "You own no such team.")
    registry = _held_to(lambda: registries.add_registry(team=team, user=person(request), entered=_entered(entered)))
    response = _registry(request, registry, 201)
    response["Location"] = reverse("api-registry", args=[registry.pk])
    return response


@router.get("/{int:registry_id}/", response=RegistryOut, url_name="api-registry", summary="A registry")
def get_registry(request: HttpRequest, registry_id: int) -> HttpResponse:
    return _registry(request, access.registry_for(viewer(request), registry_id))


@router.put("/{int:registry_id}/", response=RegistryOut, summary="Change a registry")
def change_registry(request: HttpRequest, registry_id: int, entered: RegistryIn) -> HttpResponse:
    """For owners of its team. Without a password the stored one stays; it goes to no other host or user."""
    registry = access.owned_registry_for(viewer(request), registry_id)
    return _registry(request, _held_to(lambda: registries.change_registry(registry, _entered(entered))))


@router.delete("/{int:registry_id}/", response={204: None}, summary="Forget a registry")
def delete_registry(request: HttpRequest, registry_id: int) -> HttpResponse:
    """For owners of its team. Its images stay."""
    access.owned_registry_for(viewer(request), registry_id).delete()
    return HttpResponse(status=204)


@router.post("/{int:registry_id}/test/", response=TestOut, url_name="api-registry-test", summary="Try a registry out")
def test_registry(request: HttpRequest, registry_id: int) -> HttpResponse:
    works, sentence = registry_access.try_out(access.registry_for(viewer(request), registry_id, Role.UPLOADER))
    return JsonResponse({"works": works, "detail": sentence})


@router.get(
    "/{int:registry_id}/repositories/", response=ListedOut, url_name="api-repositories", summary="What it lists"
)
def list_repositories(request: HttpRequest, registry_id: int, asked: Query[Listing]) -> HttpResponse:
    """A hundred repositories a page; `detail` says why where there is no list."""
    return _listed(
        registry_access.repositories(access.registry_for(viewer(request), registry_id, Role.UPLOADER), asked.page)
    )


@router.get("/{int:registry_id}/tags/", response=ListedOut, url_name="api-tags", summary="The tags of a repository")
def list_tags(request: HttpRequest, registry_id: int, asked: Query[TagsQuery]) -> HttpResponse:
    registry = access.registry_for(viewer(request), registry_id, Role.UPLOADER)
    repository, _ = _held_to(lambda: watches.checked(registry.host, asked.repository, "latest"))
    return _listed(registry_access.tags(registry, repository, asked.page))


@router.get("/{int:registry_id}/matching/", url_name="api-matching", summary="What a pattern matches now")
def list_matching(request: HttpRequest, registry_id: int, asked: Query[MatchQuery]) -> HttpResponse:
    """What a pull of the same patterns would bring."""
    pairs = _matching(access.registry_for(viewer(request), registry_id, Role.UPLOADER), asked.repository, asked.tag)
    rows = [{"repository": name, "tag": tag} for name, tag in pairs]
    return JsonResponse({"count": len(rows), "tags": rows})


@router.post("/{int:registry_id}/pull/", response={202: PulledOut}, url_name="api-registry-pull", summary="Pull tags")
def pull(request: HttpRequest, registry_id: int, asked: MatchingIn) -> HttpResponse:
    """A tag, or all that two patterns match now; each becomes a job."""
    registry = access.registry_for(viewer(request), registry_id, Role.UPLOADER)
    pairs = _matching(registry, asked.repository, asked.tag)
    jobs = _reached(lambda: registry_pulls.pull_pairs(registry, viewer(request), pairs))
    made = [{"id": str(job.pk), "url": reverse("api-job", args=[job.pk]), "reference": job.reference} for job in jobs]
    return JsonResponse({"jobs": made}, status=202)


@router.get("/{int:registry_id}/watches/", response=list[WatchOut], url_name="api-watches", summary="What is watched")
def list_watches(request: HttpRequest, registry_id: int) -> HttpResponse:
    rows = watches_of(access.registry_for(viewer(request), registry_id))
    return JsonResponse([watch_document(row) for row in rows], safe=False)


@router.post("/{int:registry_id}/watches/", response={201: WatchOut}, summary="Watch tags")
def add_watch(request: HttpRequest, registry_id: int, asked: WatchIn) -> HttpResponse:
    """A repository and a tag, each a name or a glob. The first look is at once. For owners of the registry's team."""
    registry = access.registry_for(viewer(request), registry_id, Role.OWNER)
    watch = _held_to(
        lambda: watches.begin(
            registry,
            person(request),
            repository=asked.repository,
            tag=asked.tag,
            every=asked.every_seconds,
            from_now_on=asked.from_now_on,
        )
    )
    return JsonResponse(watch_document(watch), status=201)


@router.get("/watches/{int:watch_id}/", response=WatchOut, url_name="api-watch", summary="A watch")
def get_watch(request: HttpRequest, watch_id: int) -> HttpResponse:
    return JsonResponse(watch_document(access.watch_for(viewer(request), watch_id)))


@router.patch("/watches/{int:watch_id}/", response=WatchOut, summary="Pause a watch, or let it go on")
def change_watch(request: HttpRequest, watch_id: int, asked: WatchPatch) -> HttpResponse:
    """For owners of its registry's team."""
    watch = access.watch_for(viewer(request), watch_id, Role.OWNER)
    (watches.pause if asked.paused else watches.go_on)(watch)
    return get_watch(request, watch_id)


@router.delete("/watches/{int:watch_id}/", response={204: None}, summary="Watch no longer")
def delete_watch(request: HttpRequest, watch_id: int) -> HttpResponse:
    """For owners of its registry's team."""
    watches.end(access.watch_for(viewer(request), watch_id, Role.OWNER))
    return HttpResponse(status=204)


@router.get(
    "/watches/{int:watch_id}/tags/",
    response=Page[WatchedTagOut],
    url_name="api-watch-tags",
    summary="Tags that were seen",
)
def list_watched_tags(request: HttpRequest, watch_id: int, asked: Query[Paging]) -> HttpResponse:
    """Those that changed last first, each with the job that it became."""
    watch: Watch = access.watch_for(viewer(request), watch_id)
    return JsonResponse(page_of(request, tags_of(watch), asked, lambda rows: [tag_document(row) for row in rows]))


def _registry(request: HttpRequest, registry: Registry, status: int = 200) -> HttpResponse:
    failing = registry.watches.exclude(error="").count()
    kept = Kept(registry, is_owned(viewer(request), registry), registry.watches.count(), failing)
    return JsonResponse(registry_document(kept), status=status)


def _entered(entered: RegistryIn) -> Entered:
    return Entered(entered.name, entered.host, entered.username, entered.password.get_secret_value())


def _listed(listed: registry_access.Listed) -> HttpResponse:
    return JsonResponse(
        {"page": listed.page, "further": listed.further, "names": listed.names, "detail": listed.why or None}
    )


def _matching(registry: Registry, repository: str, tag: str) -> list[tuple[str, str]]:
    wanted = _held_to(lambda: watches.checked(registry.host, repository, tag))

    def asked() -> list[tuple[str, str]]:
        with registry_access.opened(registry, hurried=True) as client:
            return registry_access.there(client, *wanted)

    if not any(watches.is_pattern(text) for text in wanted):
        return [wanted]
    return _reached(asked)


def _held_to(act: Callable[[], Given]) -> Given:
    """What `act` gives; what was entered wrong is a problem document."""
    try:
        return act()
    except BadRegistry as bad:
        raise Problem(422, str(bad), field=bad.field) from None


def _reached(act: Callable[[], Given]) -> Given:
    """What `act` gives; a registry that can't be used is a problem document of the gateway."""
    try:
        return act()
    except RegistryError as error:
        headers = {"Retry-After": f"{error.retry_after:.0f}"} if error.retry_after else None
        raise Problem(STATUS.get(error.kind, 502), str(error), headers, kind=str(error.kind)) from None
