"""Carrying out a team's retention rules: for a person who saw what goes, by a command, or by itself once a day.

A run is a row. A worker claims it and writes down each image in the transaction in which it goes, so that a run that
was killed goes on where it was.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from analyzer import queue
from analyzer.models import Image, Reference, Retention, RetentionRun, RetentionWay, Team
from analyzer.selectors.access import OPERATOR, Guest, Viewer
from analyzer.selectors.names import said
from analyzer.selectors.retention import Going, Plan, plan_of
from analyzer.services import audit, leases
from analyzer.services.leases import Lease, LeaseLost
from analyzer.services.removal import preview, remove_image
from analyzer.services.retention_rules import EVERY
from analyzer.services.trouble import in_words

log = logging.getLogger(__name__)

MOST_RUNS = 100  # of a team that are kept


class AtWork(Exception):
    """A run of the team is not over yet."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was carried out: images that went, and bytes as `selectors.retention` tells them."""

    images: int
    freed: int
    on_disk: int


def ask(team: Team, user: User, plan: Plan) -> RetentionRun:
    """A worker lets go what the person saw, as far as the rules still let it go then. Raises AtWork."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)  # two who ask at once wait for each other here
        if RetentionRun.objects.filter(team=team, finished=None).exists():
            raise AtWork
        agreed = [going.image.ref for going in plan.goes]
        run = RetentionRun.objects.create(team=team, way=RetentionWay.PAGE, user=user, agreed=agreed)
        queue.ring("retention_run", run.pk)
    return run


def run(pk: int) -> None:
    """Carries the run out, or goes on with it. Raises Taken."""
    rows = RetentionRun.objects.filter(pk=pk, finished=None)
    token = leases.claim(rows)
    if token is None:
        raise leases.Taken
    row = RetentionRun.objects.select_related("team", "user").get(pk=pk)
    held = rows.filter(lease_token=token)
    if row.attempt > settings.JOB_ATTEMPTS:
        why = row.error or "Its worker was killed each time."
        _end(row, f"Given up after {settings.JOB_ATTEMPTS} attempts. {why}")
        raise leases.Taken
    eyes = Guest(row.team_id)
    try:
        with Lease(held, token).held() as lease, audit.acting(lambda: row.user):
            carry_out(plan_of(eyes, row.team), row, eyes, check=lease.check)
    except LeaseLost:
        log.info("retention run %s was taken over", pk)
    except Exception as error:
        log.exception("retention run %s", pk)
        held.update(error=in_words(error), lease_token="", lease_until=None, rung=timezone.now())


def carry_out_now(plan: Plan, team: Team, told_to: Viewer = OPERATOR) -> Kept:
    """The whole plan, before it comes back: for commands, which have no worker."""
    row = RetentionRun.objects.create(team=team, way=RetentionWay.COMMAND, finished=timezone.now())  # by no worker
    return carry_out(plan, row, told_to)


def carry_out(plan: Plan, row: RetentionRun, told_to: Viewer, check: Callable[[], None] = lambda: None) -> Kept:
    """Deletes what the plan lets go and the run is about; an image that was pushed again since then stays.

    A transaction an image. `check` is called before each, and ends the run by what it raises. What is given back is
    told as `told_to` may know it; the row tells it as whoever is in the team alone may.
    """
    agreed = None if row.agreed is None else set(row.agreed)
    kept = Kept(0, 0, 0)
    for going in plan.goes:
        check()
        if agreed is None or going.image.ref in agreed:
            kept = _let_go(going, plan, row, told_to, kept)
    _end(row, "")
    return kept


def ring_due() -> None:
    """Rings for the teams whose day is over."""
    for pk in Retention.objects.filter(_due()).values_list("team_id", flat=True):
        queue.ring("retain", pk)


def ring_lost() -> int:
    """Rings again for runs whose message or worker was lost. Returns how often it rang."""
    quiet = timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    lost = RetentionRun.objects.filter(leases.free(), finished=None, rung__lt=quiet)
    pks = list(lost.values_list("pk", flat=True))
    for pk in pks:
        queue.ring("retention_run", pk)
    RetentionRun.objects.filter(pk__in=pks).update(rung=timezone.now())
    return len(pks)


def run_daily(team_id: int) -> None:
    """Carries the team's rules out, unless another worker did today."""
    now = timezone.now()
    with transaction.atomic():
        if not Retention.objects.filter(_due(), team=team_id).update(ran=now, due=now + EVERY):
            return
        row = RetentionRun.objects.create(team_id=team_id, way=RetentionWay.DAILY)
    run(row.pk)


def _let_go(going: Going, plan: Plan, row: RetentionRun, told_to: Viewer, kept: Kept) -> Kept:
    team = row.team
    with transaction.atomic():
        image = Image.objects.filter(pk=going.image.pk, holdings__team=team).first()
        if image is None or _pushed_again(going, team, plan):
            return kept
        eyes = Guest(team.pk)
        told = None if told_to == eyes else preview(image, team, eyes)
        gone = remove_image(image, team, told_to)
        told = told or gone
        row.images, row.freed, row.on_disk = row.images + 1, row.freed + told.size, row.on_disk + told.blob_bytes
        if len(row.gone) < row.MOST_TOLD:
            row.gone.append(
                {
                    "image_id": going.image.image_id,
                    "names": list(going.references or going.former),
                    "rule": f"{going.rule}",
                    "freed": told.size,
                    "on_disk": told.blob_bytes,
                }
            )
        _write(row, images=row.images, freed=row.freed, on_disk=row.on_disk, gone=row.gone)
    return Kept(kept.images + 1, kept.freed + gone.size, kept.on_disk + gone.blob_bytes)


def _pushed_again(going: Going, team: Team, plan: Plan) -> bool:
    """Whether a reference came to the image since the plan: after it by the clock, or before it in a transaction that
    the plan did not see the end of."""
    rows = Reference.objects.filter(team=team, image=going.image.pk).values_list("repository", "tag", "moved")
    return any(moved > plan.at or said(repository, tag) not in going.references for repository, tag, moved in rows)


def _end(row: RetentionRun, error: str) -> None:
    with transaction.atomic():
        _write(row, finished=timezone.now(), error=error, lease_token="", lease_until=None)
        if row.images:
            rules = sorted({gone["rule"] for gone in row.gone})
            about = {"images": row.images, "freed": row.freed, "blob_bytes": row.on_disk, "rules": rules}
            audit.note("retention.run", row.team, row.team, by=row.user, **about)
        older = RetentionRun.objects.filter(team=row.team).exclude(finished=None)
        old = list(older.values_list("pk", flat=True)[MOST_RUNS:])
        RetentionRun.objects.filter(pk__in=old).delete()


def _write(row: RetentionRun, **fields: Any) -> None:
    """Raises LeaseLost where the row is another worker's by now: what this one did in the transaction is undone."""
    if not RetentionRun.objects.filter(pk=row.pk, lease_token=row.lease_token).update(**fields):
        raise LeaseLost


def _due() -> Q:
    return Q(daily=True) & (Q(due=None) | Q(due__lte=timezone.now()))
