"""The registries of a viewer's teams, with what is watched in them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from analyzer.models import Registry, Watch, WatchedTag
from analyzer.selectors.access import Viewer, teams_owned_by, visible_registries
from analyzer.selectors.figures import rfc3339


@dataclass(frozen=True, slots=True)
class Kept:
    """A registry, and what the viewer may do with it."""

    registry: Registry
    owned: bool
    watches: int
    failing: int


def kept_registries(viewer: Viewer) -> list[Kept]:
    """The registries that the viewer uses, by name; two queries however many."""
    owned = set(teams_owned_by(viewer).values_list("pk", flat=True))
    rows = visible_registries(viewer).annotate(
        watches_count=Count("watches"), failing_count=Count("watches", filter=~Q(watches__error=""))
    )
    return [Kept(row, row.team_id in owned, row.watches_count, row.failing_count) for row in rows]


def is_owned(viewer: Viewer, registry: Registry) -> bool:
    """Whether the viewer may change the registry, not just use it."""
    return teams_owned_by(viewer).filter(pk=registry.team_id).exists()


def registry_document(kept: Kept) -> dict[str, Any]:
    """A registry as JSON. Of its password no more than that there is one."""
    registry = kept.registry
    return {
        "id": registry.pk,
        "name": registry.name,
        "team": registry.team.slug,
        "host": registry.host,
        "username": registry.username or None,
        "has_password": registry.has_password,
        "has_webhook": bool(registry.hook_sha256),
        "watches": kept.watches,
        "may_change": kept.owned,
        "rate_limit": rate_document(registry),
        "quiet_until": rfc3339(registry.quiet_until),
        "created": rfc3339(registry.created),
    }


def rate_document(registry: Registry) -> dict[str, Any] | None:
    """What the registry last said of its rate limit; None where it never did."""
    if registry.rate_seen is None:
        return None
    return {
        "limit": registry.rate_limit,
        "remaining": registry.rate_remaining,
        "window_seconds": registry.rate_window,
        "seen": rfc3339(registry.rate_seen),
    }


def watches_of(registry: Registry) -> list[Watch]:
    """What is watched in the registry, each with `tags_count`: the tags that were seen."""
    return list(registry.watches.annotate(tags_count=Count("tags", filter=Q(tags__changed__isnull=False))))


def tags_of(watch: Watch) -> QuerySet[WatchedTag]:
    """The tags of a watch that were looked at, those that changed last first, with their jobs."""
    return watch.tags.filter(changed__isnull=False).select_related("job").order_by("-changed", "repository", "tag")


def tag_document(row: WatchedTag) -> dict[str, Any]:
    """A watched tag as JSON."""
    return {
        "repository": row.repository,
        "tag": row.tag,
        "digest": row.digest,
        "changed": rfc3339(row.changed),
        "checked": rfc3339(row.checked),
        "job": str(row.job_id) if row.job_id else None,
        "job_state": row.job.state if row.job else None,
    }


def watch_document(watch: Watch) -> dict[str, Any]:
    """A watch as JSON."""
    return {
        "id": watch.pk,
        "registry": watch.registry_id,
        "repository": watch.repository,
        "tag": watch.tag,
        "every_seconds": watch.every,
        "paused": watch.paused,
        "tags": getattr(watch, "tags_count", None),
        "next_poll": None if watch.paused else rfc3339(watch.next_poll),
        "polled": rfc3339(watch.polled),
        "error": watch.error or None,
        "created": rfc3339(watch.created),
    }
