"""Sharing one page with people who have no account: the dialog, the list, and the page behind a link."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path, resolve, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analyzer.models import Image, Role, SharedPage, ShareLink
from analyzer.selectors.access import Guest, image_for, ref_of, share_link_for, teams_of, visible_share_links
from analyzer.selectors.figures import rfc3339
from analyzer.selectors.names import names_of
from analyzer.services import share_links
from analyzer.web import doors
from analyzer.web.addresses import site_of
from analyzer.web.sealed import sealed
from analyzer.web.twins import twin, wanted

COLUMNS = ("title", "team", "note", "made_by", "created", "expires", "uses", "last_used")
NOT_SHARED = ("format", "part", "container", "count")  # of a page's query: twins, fragments, an engine
KINDS = {SharedPage.IMAGE: "", SharedPage.WASTE: "Waste of ", SharedPage.REPORT: "Report"}


class Asked(forms.Form):
    note = forms.CharField(max_length=100, required=False)
    days = forms.TypedChoiceField(choices=[(days, days) for days in share_links.DAYS], coerce=int)


@login_required
@never_cache
def share(request: HttpRequest) -> HttpResponse:
    """`page` and `image` or `query` say what is shared. Only the answer to the form shows the link."""
    given = request.POST if request.method == "POST" else request.GET
    page, image, teams = _what(request, given)
    team = next((team for team in teams if team.slug == given.get("team")), teams[0])
    query = _query(given.get("query", ""))
    title = KINDS[page] + (names_of(Guest(team.pk), {image.pk: image.image_id})[image.pk] if image else "")
    context: dict[str, Any] = {
        "page": page.value,
        "image": image,
        "ref": ref_of(image) if image else "",
        "teams": teams,
        "team": team,
        "query": query,
        "title": title,
        "days": share_links.DAYS,
        "back": _address(page, image, query),
    }
    form = Asked(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        user = request.user
        assert isinstance(user, User)  # noqa: S101 - login_required saw to it
        made, text = share_links.share(team, user, page, image, query, title, asked["note"], asked["days"])
        context |= {"made": made, "link": site_of(request) + reverse("shared", args=[text])}
    links = visible_share_links(request.user).filter(page=page, image=image, team__in=[each.pk for each in teams])
    status = 400 if form.errors else 200
    return render(request, "analyzer/share.html", context | {"links": links, "form": form}, status=status)


@login_required
@require_safe
def links(request: HttpRequest) -> HttpResponse:
    """The links that the viewer made, and those of their teams where they are owner."""
    rows = visible_share_links(request.user)
    if wanted(request):
        return twin(request, "links", [link_document(row) for row in rows], COLUMNS)
    return render(request, "analyzer/share_links.html", {"links": rows})


@login_required
@require_POST
def revoke(request: HttpRequest, link_id: int) -> HttpResponse:
    found = share_link_for(request.user, link_id)
    found.delete()
    messages.success(request, f"The link to {found.title} is revoked: it shows nothing now.")
    return redirect("share-links")


@require_safe
@never_cache
def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """One page as its team sees it. What the request itself asks for beside the link is not looked at."""
    link = share_links.link_of(secret)
    if link is None:
        return render(request, "analyzer/shared_gone.html", status=404)
    response = _shown(request, link)
    banner = render_to_string("analyzer/_shared_banner.html", {"link": link})
    answer = HttpResponse(sealed(response.content.decode(), banner))
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _shown(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """The page by its own view, asked for by a guest who sees what the team holds."""
    asked = HttpRequest()
    asked.method = "GET"
    asked.path = asked.path_info = _address(SharedPage(link.page), link.image, "")
    asked.GET = QueryDict(link.query)
    asked.META = {
        name: request.META[name] for name in ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST") if name in request.META
    }
    asked.COOKIES = {name: value for name, value in request.COOKIES.items() if name == "theme"}
    asked.user = Guest(link.team_id)  # type: ignore[assignment]
    asked.csp_nonce = request.csp_nonce  # type: ignore[attr-defined] # of the answer's policy
    asked.resolver_match = match = resolve(asked.path)
    response: HttpResponse = match.func(asked, *match.args, **match.kwargs)
    if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
        raise Http404
    return response


def _what(request: HttpRequest, given: QueryDict) -> tuple[SharedPage, Image | None, list[Any]]:
    """What is to be shared, and the teams that show it and let the viewer. Raises Http404."""
    try:
        page = SharedPage(given.get("page", ""))
    except ValueError:
        raise Http404 from None
    teams = teams_of(request.user, Role.UPLOADER)
    image = None
    if page != SharedPage.REPORT:
        image = image_for(request.user, given.get("image", ""), Role.UPLOADER)
        teams = teams.filter(holdings__image=image)
    if not teams:
        raise Http404
    return page, image, list(teams)


def _address(page: SharedPage, image: Image | None, query: str) -> str:
    address = reverse(page.value, args=[image] if image else [])
    return f"{address}?{query}" if query else address


def _query(text: str) -> str:
    """The part of a page's query that a link keeps."""
    query = QueryDict(text[:2000], mutable=True)
    for name in NOT_SHARED:
        query.pop(name, None)
    return query.urlencode()[:2000]


def link_document(row: ShareLink) -> dict[str, Any]:
    return {
        "title": row.title,
        "team": row.team.slug,
        "note": row.note,
        "made_by": row.user.get_username(),
        "created": rfc3339(row.created),
        "expires": rfc3339(row.expires),
        "uses": row.uses,
        "last_used": rfc3339(row.last_used),
    }


urlpatterns = [
    path("share/", share, name="share"),
    path("share/links/", links, name="share-links"),
    path("share/links/<int:link_id>/revoke/", revoke, name="share-revoke"),
    path("s/<str:secret>/", doors.link(shared), name="shared"),
]
