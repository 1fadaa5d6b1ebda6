"""Links that show one page to people without an account: made, followed, revoked.

A link is worth what its maker may do: who leaves the team, or may no longer add to it, takes their links along.
"""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils import timezone

from analyzer.models import Image, Role, SharedPage, ShareLink, Team
from analyzer.models.hashed import hash_of

DAYS = (1, 7, 30, 90)  # that one may last


def share(
    team: Team, user: User, page: SharedPage, image: Image | None, query: str, title: str, note: str, days: int
) -> tuple[ShareLink, str]:
    """A link to the page as the team sees it, and its text, which is not to be had again."""
    made = ShareLink(team=team, user=user, page=page, image=image, query=query, title=title[:300], note=note)
    text = made.set_secret(timedelta(days=days))
    made.save()
    return made, text


def link_of(text: str) -> ShareLink | None:
    """The link with this text, if it still shows something. That it was followed is noted."""
    makers = Q(user__memberships__team=F("team"), user__memberships__role__in=Role.UPLOADER.at_least)
    shown = Q(image=None) | Q(image__holdings__team=F("team"))
    rows = ShareLink.objects.filter(makers, shown, sha256=hash_of(text), expires__gt=timezone.now())
    found = rows.filter(user__is_active=True).select_related("team", "image").first()
    if found is not None:
        ShareLink.objects.filter(pk=found.pk).update(uses=F("uses") + 1, last_used=timezone.now())
    return found
