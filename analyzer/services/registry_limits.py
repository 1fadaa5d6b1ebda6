"""What registries say of how often they may be asked: kept with the team's registry, and held to."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

from analyzer.models import Registry
from analyzer.registry.answers import RateLimit
from analyzer.registry.client import RegistryClient
from analyzer.registry.errors import Kind, RegistryError

LEAST_QUIET = 60.0  # seconds that a registry without a Retry-After is left alone
MOST_QUIET = 24 * 3600.0


@contextmanager
def noted(client: RegistryClient, kept: Iterable[Registry]) -> Iterator[None]:
    """Keeps what the registry has said of its limit by the end of the block, and lets it alone after a refusal."""
    rows = list(kept)
    try:
        yield
    except RegistryError as error:
        if error.kind is Kind.RATE_LIMITED:
            for row in rows:
                _leave_alone(row, error.retry_after or LEAST_QUIET)
        raise
    finally:
        if client.rate_limit:
            for row in rows:
                _note(row, client.rate_limit)


def quiet_sentence(registry: Registry) -> str:
    """Why nothing is asked of the registry now."""
    until = registry.quiet_until or timezone.now()
    return f"{registry.host} limits how often it may be asked; it is left alone until {until:%d %b, %H:%M:%S} UTC."


def seconds_until(when: datetime) -> float:
    return max(0.0, (when - timezone.now()).total_seconds())


def _leave_alone(registry: Registry, seconds: float) -> None:
    registry.quiet_until = timezone.now() + timedelta(seconds=min(max(seconds, 1.0), MOST_QUIET))
    Registry.objects.filter(pk=registry.pk).update(quiet_until=registry.quiet_until)


def _note(registry: Registry, told: RateLimit) -> None:
    fields = {
        "rate_limit": told.limit,
        "rate_remaining": told.remaining,
        "rate_window": told.window,
        "rate_seen": timezone.now(),
    }
    Registry.objects.filter(pk=registry.pk).update(**fields)
    if told.remaining <= 0:
        _leave_alone(registry, min(float(told.window or LEAST_QUIET), 3600.0))
