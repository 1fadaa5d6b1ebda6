"""Who works on a row: claimed by one conditional UPDATE, held by a lease that a thread renews."""

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from typing import TypeAlias

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from analyzer.models import Job, JobLayer, RetentionRun, Upkeep, Watch

log = logging.getLogger(__name__)


Rows: TypeAlias = "QuerySet[Job] | QuerySet[JobLayer] | QuerySet[RetentionRun] | QuerySet[Upkeep] | QuerySet[Watch]"


AWAY = (OperationalError, InterfaceError)
"""What drivers raise when the database does not answer, is locked for too long, or has closed the connection."""


class Taken(Exception):
    """There is nothing to do on the row, or somebody else does it."""


class LeaseLost(Exception):
    """The row is no longer ours: it was cancelled, or another worker took it over."""


def free() -> Q:
    """Rows that nobody works on."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now())


def claim(rows: Rows) -> str | None:
    """Claims the row if it is free, and counts the attempt; the token tells whose it is. None: somebody else's."""
    token = secrets.token_hex(8)
    until = timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
    claimed = rows.filter(free()).update(lease_token=token, lease_until=until, attempt=F("attempt") + 1)
    return token if claimed else None


class Lease:
    """Renews itself until it is left; `check` raises LeaseLost as soon as the row is no longer ours."""

    def __init__(self, rows: Rows, token: str) -> None:
        self.token = token
        self._rows = rows.filter(lease_token=token)
        self._left = threading.Event()
        self._lost = threading.Event()
        self._progress: int | None = None

    def check(self) -> None:
        if self._lost.is_set():
            raise LeaseLost

    def progress(self, bytes_done: int) -> None:
        """Notes how far the work is; written with the next renewal."""
        self._progress = bytes_done
        self.check()

    def _renew(self) -> None:
        every = min(1.0, settings.JOB_LEASE_SECONDS / 4)
        try:
            while not self._left.wait(every):
                until = timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
                fields = {"lease_until": until}
                if self._progress is not None:
                    fields["bytes_done"] = self._progress  # type: ignore[assignment]
                try:
                    if not self._rows.update(**fields):
                        self._lost.set()
                        return
                except AWAY as error:  # gone for a minute: the work goes on, the next renewal may succeed
                    log.warning("lease could not be renewed: %s", error)
                    connection.close()
        finally:
            connection.close()

    @contextmanager
    def held(self) -> Iterator["Lease"]:
        renewing = threading.Thread(target=copy_context().run, args=(self._renew,), name="lease", daemon=True)
        renewing.start()
        try:
            yield self
        finally:
            self._left.set()
            renewing.join()


def patiently(action: Callable[[], None], seconds: float = 90.0) -> None:
    """Runs `action`, again and again while the database is away; raises its error when the time is over.

    Other errors of a database are raised at once: what it refuses today it refuses in a minute.
    """
    deadline = timezone.now() + timedelta(seconds=seconds)
    pause = 0.5
    while True:
        try:
            return action()
        except AWAY:
            if timezone.now() > deadline:
                raise
            connection.close()
            threading.Event().wait(pause)
            pause = min(pause * 2, 10.0)
