"""Your teams, and who is in them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema

from analyzer.api.auth import viewer
from analyzer.selectors.access import team_for
from analyzer.selectors.teams import member_documents, team_documents

router = Router(tags=["teams"])


class TeamOut(Schema):
    team: str = Field(description="Its slug, as other operations take it.")
    name: str
    role: str = Field(description="viewer, uploader or owner: what you are there.")
    people: int
    images: int
    created: str


class MemberOut(Schema):
    name: str
    role: str


@router.get("/", response=list[TeamOut], url_name="api-teams", summary="Your teams")
def list_teams(request: HttpRequest) -> HttpResponse:
    """By name."""
    return JsonResponse(team_documents(viewer(request)), safe=False)


@router.get("/{slug:team}/members/", response=list[MemberOut], url_name="api-members", summary="Who is in a team")
def list_members(request: HttpRequest, team: str) -> HttpResponse:
    """By name."""
    return JsonResponse(member_documents(team_for(viewer(request), team)), safe=False)
