"""Badges: made by choice, by a team's owner, and taken back."""

from django.contrib.auth.models import User

from analyzer.models import Badge, BadgeShows, Reference


def make_badge(reference: Reference, shows: BadgeShows, user: User) -> Badge:
    """A link that shows one word of what the reference means to whoever has it. The one that is there, if it is."""
    badge, _ = Badge.objects.get_or_create(
        team=reference.team,
        repository=reference.repository,
        tag=reference.tag,
        shows=shows,
        defaults={"user": user},
    )
    return badge


def drop_badge(badge: Badge) -> None:
    """Whoever has its link sees nothing from now on."""
    badge.delete()
