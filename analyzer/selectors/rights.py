"""What a viewer may do in which team: for pages, so that they show no button that leads to nothing."""

from dataclasses import dataclass

from analyzer.models import Membership, Role
from analyzer.selectors.access import Viewer


@dataclass(frozen=True, slots=True)
class Rights:
    """Teams by primary key: those that the viewer may add images to, and those that they own."""

    adds: frozenset[int]
    owns: frozenset[int]


def rights_of(viewer: Viewer) -> Rights:
    """One query, none for who has no account."""
    if not viewer.pk:
        return Rights(frozenset(), frozenset())
    rows = dict(Membership.objects.filter(user_id=viewer.pk).values_list("team_id", "role"))
    return Rights(
        frozenset(team for team, role in rows.items() if role in Role.UPLOADER.at_least),
        frozenset(team for team, role in rows.items() if role == Role.OWNER),
    )
