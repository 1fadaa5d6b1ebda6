"""The teams of a viewer, and who is in one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from analyzer.models import Invitation, Membership, Role, Team
from analyzer.selectors.access import Viewer, members_of, teams_of
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
    rows = Membership.objects.filter(user_id=viewer.pk or 0).select_related("team").order_by("team__name")
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
