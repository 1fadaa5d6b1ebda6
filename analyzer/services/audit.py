"""The audit log as services write it: who is at work is said once, at the door, and every line has it.

A line is written in the transaction of what it tells of: both are there, or neither.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils import timezone

from analyzer.models import AuditLine, Team
from analyzer.selectors.access import Machine, borne_by

Actor = AbstractBaseUser | AnonymousUser | Machine | None

_actor: ContextVar[Callable[[], Actor]] = ContextVar("actor", default=lambda: None)


@contextmanager
def acting(who: Callable[[], Actor]) -> Iterator[None]:
    """Whatever is noted meanwhile was done by `who`, which is asked only when something is."""
    token = _actor.set(who)
    try:
        yield
    finally:
        _actor.reset(token)


def note(action: str, about: object = "", team: Team | None = None, by: Actor = None, **details: Any) -> None:
    """Adds a line: `action` is `thing.verb`, `about` what people call the thing, `details` figures and names.

    Whoever calls sees to it that no detail is a secret.
    """
    current = _actor.get()()
    actor = by or current
    token = borne_by(current) if current is not None and actor is not None and actor.pk == current.pk else None
    known = actor is not None and (actor.pk is not None or token is not None)
    if token is not None:
        details |= {"by_token": token.name, "token": token.pk}
    AuditLine.objects.create(
        actor=actor.get_username()[:150] if actor is not None and known else "",
        actor_id=actor.pk if actor is not None and known else None,
        action=action,
        object=str(about)[:300],
        team=team.slug if team is not None else "",
        details=details,
    )


def forget() -> int:
    """Takes out what is older than AUDIT_DAYS; nothing where that is 0. Returns how many lines went."""
    if not settings.AUDIT_DAYS:
        return 0
    return AuditLine.objects.filter(at__lt=timezone.now() - timedelta(days=settings.AUDIT_DAYS)).forget()
