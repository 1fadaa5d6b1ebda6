"""Work on what is stored, that administrators ask for and workers do.

At least once: a step may be killed anywhere and runs again, so it looks at what is still to be done. What came of each
thing is written down as soon as it is done, by whoever holds the lease.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from analyzer import queue
from analyzer.models import UPKEEP_ENDED, Upkeep, UpkeepState
from analyzer.services import audit, leases
from analyzer.services.leases import Lease, LeaseLost
from analyzer.services.trouble import in_words

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)


@dataclass(slots=True)
class Work:
    """What a step has in hands: the row as it was claimed, and the lease on it."""

    row: Upkeep
    lease: Lease

    @property
    def results(self) -> Mapping[str, Any]:
        """What came of the things that are done, by their names."""
        results: Mapping[str, Any] = self.row.results
        return results

    def done(self, name: str, result: Mapping[str, Any], **fields: Any) -> None:
        """Writes down what came of one thing. Raises LeaseLost."""
        self.row.results[name] = dict(result)
        self.write(results=self.row.results, **fields)

    def write(self, **fields: Any) -> None:
        """Changes the row, while it is ours. Raises LeaseLost."""
        if not held(self.row, self.lease.token).update(**fields):
            raise LeaseLost

    def reading(self, before: int) -> Callable[[int], None]:
        """A report of bytes read, on top of those of the things before."""
        return lambda done: self.lease.progress(before + done)


Step = Callable[[Work], None]


def held(row: Upkeep, token: str) -> Any:
    return Upkeep.objects.filter(pk=row.pk, lease_token=token).exclude(state__in=UPKEEP_ENDED)


def ask(kind: str, subject: str, plan: Mapping[str, Any], user: User | None, **fields: Any) -> Upkeep:
    """A row for the work, and the bell for a worker."""
    with transaction.atomic():
        row = Upkeep.objects.create(kind=kind, subject=subject[:200], plan=dict(plan), user=user, **fields)
        audit.note(f"upkeep.{kind}", subject, by=user, number=row.pk, promised=row.promised)
        queue.ring("upkeep", row.pk)
    return row


def run(pk: int, steps: Mapping[str, Step]) -> None:
    """Does the work, or goes on with it, by the step of its kind.

    Raises Taken where there is nothing to do or somebody else does it.
    """
    rows = Upkeep.objects.filter(pk=pk).exclude(state__in=UPKEEP_ENDED)
    token = leases.claim(rows)
    if token is None:
        raise leases.Taken
    row = Upkeep.objects.select_related("user").get(pk=pk)
    if row.attempt > settings.JOB_ATTEMPTS:
        why = row.error or "Its worker was killed each time."
        _end(row, token, UpkeepState.FAILED, f"Given up after {settings.JOB_ATTEMPTS} attempts. {why}")
        raise leases.Taken
    held(row, token).update(state=UpkeepState.RUNNING, started=row.started or timezone.now())
    lease = Lease(held(row, token), token)
    try:
        with lease.held(), audit.acting(lambda: row.user):
            steps[row.kind](Work(row, lease))
    except LeaseLost:
        log.info("upkeep %s was taken over", pk)
    except Exception as error:
        log.exception("upkeep %s", pk)
        held(row, token).update(error=in_words(error), lease_token="", lease_until=None, rung=timezone.now())
    else:
        leases.patiently(lambda: _end(row, token, UpkeepState.DONE, ""))


def ring_lost() -> int:
    """Rings again for rows whose message or worker was lost. Returns how often it rang."""
    quiet = timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    lost = list(
        Upkeep.objects.filter(leases.free(), rung__lt=quiet)
        .exclude(state__in=UPKEEP_ENDED)
        .values_list("pk", flat=True)
    )
    for pk in lost:
        queue.ring("upkeep", pk)
    Upkeep.objects.filter(pk__in=lost).update(rung=timezone.now())
    return len(lost)


def forget() -> None:
    """Drops rows of work that ended long ago; the audit log still tells that it was asked for."""
    Upkeep.objects.filter(state__in=UPKEEP_ENDED, finished__lt=timezone.now() - KEPT).delete()


def _end(row: Upkeep, token: str, state: str, error: str) -> None:
    held(row, token).update(state=state, error=error, finished=timezone.now(), lease_token="", lease_until=None)
