"""What is shared in a scope and what that saves: `manage.py report --json` over HTTP."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import viewer
from analyzer.api.imageschemas import ImageRow
from analyzer.api.overviewschemas import Ladder, SharedLayer
from analyzer.api.problems import Problem
from analyzer.api.scopes import ScopeAsked, ScopeOut
from analyzer.selectors.access import teams_of
from analyzer.selectors.bases import bases_of
from analyzer.selectors.scope import scope_of
from analyzer.selectors.scoping import ScopeQuery, narrowed
from analyzer.selectors.sharing_report import sharing_report

router = Router(tags=["reports"])


class OwnerOut(Schema):
    """A team of yours. Fair costs add up to the unique layers of the ladder exactly."""

    team: str
    images: int
    naive: int
    stored: int
    fair_cost: int


class SharingOut(Schema):
    scope: ScopeOut
    images: int = Field(description="Whole images: those that lack a layer are in no sum.")
    incomplete: int = Field(description="Images that lack a layer.")
    layers: int
    ladder: Ladder
    per_image: list[ImageRow]
    top_layers: list[SharedLayer]
    owners: list[OwnerOut]


@router.get("/sharing/", response=SharingOut, url_name="api-report-sharing", summary="What sharing saves in a scope")
def get_sharing(request: HttpRequest, asked: Query[ScopeAsked]) -> dict[str, Any]:
    """The dedup ladder, shared and unique bytes of each image (by chainID, as `docker system df -v` has them), the
    layers that save most (by diffID), and what each team's fair part of the disk is."""
    who = viewer(request)
    try:
        query = ScopeQuery.from_get(asked.parameters)
    except ValueError as error:
        raise Problem(422, str(error)) from error
    everything = scope_of(who)
    scope = narrowed(who, everything, query)
    teams = [team for team in teams_of(who) if query.team in ("", team.slug)]
    return sharing_report(scope, query, bases_of(everything), teams)
