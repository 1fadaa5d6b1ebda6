"""Your teams, and who is in them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema

from analyzer.api.auth import viewer
from analyzer.models import Role
from analyzer.selectors.access import team_for
from analyzer.selectors.teams import member_documents, team_documents, token_documents

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


class TokenOut(Schema):
    id: int
    name: str
    begins_with: str
    scope: str = Field(description="read, upload or admin.")
    team: str | None = Field(description="The slug of the only team that it is good for.")
    made_by: str | None = Field(description="Of a team's token: who made it, by their name then.")
    created: str
    expires: str | None
    last_used: str | None


@router.get("/", response=list[TeamOut], url_name="api-teams", summary="Your teams")
def list_teams(request: HttpRequest) -> HttpResponse:
    """By name."""
    return JsonResponse(team_documents(viewer(request)), safe=False)


@router.get("/{slug:team}/members/", response=list[MemberOut], url_name="api-members", summary="Who is in a team")
def list_members(request: HttpRequest, team: str) -> HttpResponse:
    """By name."""
    return JsonResponse(member_documents(team_for(viewer(request), team)), safe=False)


@router.get("/{slug:team}/tokens/", response=list[TokenOut], url_name="api-team-tokens", summary="Tokens of a team")
def list_tokens(request: HttpRequest, team: str) -> HttpResponse:
    """Those that are nobody's, newest first: for owners. What opens something is in no answer."""
    return JsonResponse(token_documents(team_for(viewer(request), team, Role.OWNER)), safe=False)
