"""The one word that a badge says of an image. It tells nothing of other images, nor of who else has this one."""

from analyzer.filetree.waste import efficiency
from analyzer.gate.output.badge import Word
from analyzer.gate.sizes import percent
from analyzer.models import Badge, BadgeShows, GateRun, Image, Reference, Team

NOT_JUDGED = Word("gate", "not judged", "none")
GOOD, FAIR = 0.95, 0.8


def word_of(badge: Badge) -> Word:
    """What a badge says now: of the image that its reference means in its team. Two queries."""
    known = Reference.objects.filter(team=badge.team_id, repository=badge.repository, tag=badge.tag)
    held = known.filter(image__holdings__team=badge.team_id).select_related("image", "image__top_chain")
    reference = held.defer("image__config", "image__history", "image__top_chain__changes").first()
    if reference is None:
        return Word(badge.shows, "no image", "none")
    return badge_for(badge.team, reference.image, badge.shows)


def badge_for(team: Team, image: Image, shows: str) -> Word:
    """The word of an image of a team's. One query for `gate`."""
    if shows == BadgeShows.EFFICIENCY:
        return _efficiency(image)
    run = GateRun.objects.filter(team=team, image=image).only("passed").first()
    if run is None:
        return NOT_JUDGED
    return Word("gate", "passed", "good") if run.passed else Word("gate", "failed", "bad")


def _efficiency(image: Image) -> Word:
    """1 - waste / image size; 1 for an empty image."""
    if image.size is None:
        return Word("efficiency", "not known", "none")
    waste = image.top_chain.waste if image.top_chain is not None else 0
    value = efficiency(waste, image.size)
    return Word("efficiency", percent(value), "good" if value >= GOOD else "fair" if value >= FAIR else "bad")
