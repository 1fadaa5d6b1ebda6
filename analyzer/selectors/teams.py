"""The teams of a viewer, and who is in one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from analyzer.models import ApiToken, Invitation, Membership, Role, Team, TokenScope
from analyzer.selectors.access import Machine, Viewer, borne_by, members_of, team_tokens, teams_of
from analyzer.selectors.figures import rfc3339


@dataclass(frozen=True, slots=True)
class Mine:
    """A team, and what the viewer is in it."""

    team: Team
    role: str
    people: int
    images: int


def my_teams(viewer: Viewer) -> list[Mine]:
    """By name; one query."""
    if isinstance(viewer, Machine):
        token = viewer.borne_token
        role = str(TokenScope(token.scope).role)
        return [Mine(team, role, team.memberships.count(), team.holdings.count()) for team in teams_of(viewer)]
    rows = Membership.objects.filter(user_id=viewer.pk or 0).select_related("team").order_by("team__name")
    if borne_by(viewer) is not None:
        rows = rows.filter(team__in=teams_of(viewer))
    counted = rows.annotate(
        people=Count("team__memberships", distinct=True), images=Count("team__holdings", distinct=True)
    )
    return [Mine(row.team, row.role, row.people, row.images) for row in counted]


def open_invitations(team: Team) -> QuerySet[Invitation]:
    """Those that can still be followed, newest first: for owners."""
    return Invitation.objects.filter(team=team, used=None, expires__gt=timezone.now()).select_related("user")


def member_documents(team: Team) -> list[dict[str, Any]]:
    """Who is in the team, as JSON."""
    rows = members_of(team)
    return [{"name": row.user.get_username(), "role": row.role} for row in rows]


def token_documents(team: Team) -> list[dict[str, Any]]:
    """The team's tokens, as JSON: for owners."""
    return [token_document(row) for row in team_tokens(team)]


def token_document(row: ApiToken) -> dict[str, Any]:
    """A token as it is listed: all but what opens anything."""
    return {
        "id": row.pk,
        "name": row.name,
        "begins_with": row.hint,
        "scope": str(row.scope),
        "team": row.team.slug if row.team else None,
        "made_by": row.made_by or None,
        "created": rfc3339(row.created),
        "expires": rfc3339(row.expires),
        "last_used": rfc3339(row.last_used),
    }


def team_documents(viewer: Viewer) -> list[dict[str, Any]]:
    """The viewer's teams, as JSON."""
    return [
        {
            "team": each.team.slug,
            "name": each.team.name,
            "role": each.role,
            "people": each.people,
            "images": each.images,
            "created": rfc3339(each.team.created),
        }
        for each in my_teams(viewer)
    ]


def may(viewer: Viewer, at_least: Role) -> bool:
    """Whether there is a team in which the viewer may do that much."""
    return teams_of(viewer, at_least).exists()
