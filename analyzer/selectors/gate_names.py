"""Under which name, and for whom, an image comes to the gate."""

from collections.abc import Sequence

from django.db.models import QuerySet

from analyzer.models import Image, Reference, Team
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.gate_before import Name


def holders_of(viewer: Viewer, image: Image) -> QuerySet[Team]:
    """The viewer's teams that hold the image, by name."""
    return teams_of(viewer).filter(holdings__image=image)


def name_asked(asked: str, image: Image, teams: QuerySet[Team]) -> Name | None:
    """The reference of these teams by which the image was asked for; else the first that they have. One query."""
    known = Reference.objects.filter(team__in=teams, image=image).order_by("repository", "tag")
    pairs = list(known.values_list("repository", "tag"))
    try:
        reference = parse_reference(asked)
    except InvalidReference:
        return pairs[0] if pairs else None
    wanted = f"{reference.registry}/{reference.repository}", reference.tag or "latest"
    return wanted if wanted in pairs else pairs[0] if pairs else None


def name_among(references: Sequence[Reference], teams: QuerySet[Team]) -> Name | None:
    """The first of the references that one of these teams has. One query."""
    pks = set(teams.values_list("pk", flat=True))
    return next(((each.repository, each.tag) for each in references if each.team_id in pks), None)
