"""What is one's own: notices, links to pages, tokens."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema

from analyzer.api.auth import person, viewer
from analyzer.api.teams import TokenOut
from analyzer.models import TokenScope
from analyzer.selectors.access import borne_by, notices_of, visible_share_links
from analyzer.selectors.teams import token_document
from analyzer.services.tokens import tokens_of
from analyzer.web.notices import MOST, notice_document
from analyzer.web.share import link_document

router = Router(tags=["own"])


class NoticeOut(Schema):
    job: str
    name: str
    team: str
    state: str
    created: str
    seen: str | None = Field(description="When its page was looked at. Asking here is no look.")


class LinkOut(Schema):
    title: str
    team: str
    note: str
    made_by: str
    created: str
    expires: str
    uses: int
    last_used: str | None


@router.get("/notices/", response=list[NoticeOut], url_name="api-notices", summary="What became of your jobs")
def list_notices(request: HttpRequest) -> HttpResponse:
    """The newest hundred."""
    return JsonResponse([notice_document(row) for row in notices_of(viewer(request))[:MOST]], safe=False)


@router.get("/links/", response=list[LinkOut], url_name="api-links", summary="Links that show one page")
def list_links(request: HttpRequest) -> HttpResponse:
    """Those that you made, and those of teams that you own. The links themselves are in no answer."""
    return JsonResponse([link_document(row) for row in visible_share_links(viewer(request))], safe=False)


@router.get("/tokens/", response=list[TokenOut], url_name="api-tokens", summary="Your tokens")
def list_tokens(request: HttpRequest) -> HttpResponse:
    """Newest first. What opens something is in no answer; who asks by a token that is not good for all that you may is
    told of that one alone."""
    user = viewer(request)
    borne = borne_by(user)
    if borne is not None and (borne.team_id is not None or borne.scope != TokenScope.ADMIN):
        return JsonResponse([token_document(borne)], safe=False)
    return JsonResponse([token_document(row) for row in tokens_of(person(request))], safe=False)
