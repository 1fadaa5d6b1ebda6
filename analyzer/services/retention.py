"""Carrying out a team's retention rules: by a person who saw what goes, by a command, or by itself once a day."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from analyzer import queue
from analyzer.models import Image, Reference, Retention, Team
from analyzer.selectors.access import OPERATOR, Viewer
from analyzer.selectors.retention import Plan, plan_of
from analyzer.services import audit
from analyzer.services.removal import remove_image

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was carried out: images that went, and bytes as `selectors.retention` tells them."""

    images: int
    freed: int
    on_disk: int


def carry_out(plan: Plan, team: Team, told_to: Viewer = OPERATOR, most: int | None = None) -> Kept:
    """Deletes what the plan lets go, the first `most` of it; an image that was pushed again since then stays.

    A transaction an image. Who is interrupted begins with a new plan.
    """
    images = freed = on_disk = 0
    for going in plan.goes[:most]:
        image = Image.objects.filter(pk=going.image.pk, holdings__team=team).first()
        again = Reference.objects.filter(team=team, image=going.image.pk, moved__gt=plan.at)
        if image is None or again.exists():
            continue
        gone = remove_image(image, team, told_to)
        images, freed, on_disk = images + 1, freed + gone.size, on_disk + gone.blob_bytes
    if images:
        rules = sorted({f"{going.rule}" for going in plan.goes[:most]})
        audit.note("retention.run", team, team, images=images, freed=freed, blob_bytes=on_disk, rules=rules)
    return Kept(images, freed, on_disk)


def set_daily(team: Team, daily: bool) -> None:
    """Whether the rules are carried out by themselves once a day."""
    Retention.objects.update_or_create(team=team, defaults={"daily": daily})
    audit.note("retention.daily" if daily else "retention.by_hand", team, team)


def ring_due() -> None:
    """Rings for the teams whose day is over."""
    for pk in Retention.objects.filter(_due()).values_list("team_id", flat=True):
        queue.ring("retain", pk)


def run_daily(team_id: int) -> None:
    """Carries the team's rules out, unless another worker did today."""
    if not Retention.objects.filter(_due(), team=team_id).update(ran=timezone.now()):
        return
    team = Team.objects.get(pk=team_id)
    kept = carry_out(plan_of(OPERATOR, team), team)
    log.info("retention of %s: %s images went, %s bytes", team.slug, kept.images, kept.on_disk)


def _due() -> Q:
    return Q(daily=True) & (Q(ran=None) | Q(ran__lt=timezone.now() - EVERY))
