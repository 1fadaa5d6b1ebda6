"""The webhooks of a team that the viewer owns, and the calls that were made of them. Neither ever tells a secret."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from analyzer.models import DeliveryState, Team, Webhook, WebhookDelivery, WebhookEvent
from analyzer.selectors.figures import rfc3339


@dataclass(frozen=True, slots=True)
class Called:
    """A webhook with the number of its deliveries by state."""

    webhook: Webhook
    delivered: int
    waiting: int
    failed: int
    tried: Any  # when it was called last

    @property
    def told_of(self) -> list[str]:
        """Its events in words."""
        return [WebhookEvent(event).label for event in self.webhook.events]


def webhooks_of(team: Team) -> list[Called]:
    """Those made first first; one query."""
    rows = Webhook.objects.filter(team=team).annotate(
        tried=Max("deliveries__tried"),
        delivered=Count("deliveries", filter=Q(deliveries__state=DeliveryState.DELIVERED)),
        waiting=Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING)),
        failed=Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED)),
    )
    return [Called(row, row.delivered, row.waiting, row.failed, row.tried) for row in rows]


def deliveries_of(hook: Webhook) -> QuerySet[WebhookDelivery]:
    """Newest first."""
    return hook.deliveries.all()


def webhook_document(called: Called) -> dict[str, Any]:
    """A webhook as JSON."""
    hook = called.webhook
    return {
        "id": hook.pk,
        "url": hook.url,
        "events": hook.events,
        "paused": hook.paused,
        "failures": hook.failures,
        "quiet_until": rfc3339(hook.quiet_until),
        "delivered": called.delivered,
        "waiting": called.waiting,
        "failed": called.failed,
        "tried": rfc3339(called.tried),
        "created": rfc3339(hook.created),
    }


def delivery_document(row: WebhookDelivery) -> dict[str, Any]:
    """A delivery as JSON, with what is sent."""
    return {
        "id": str(row.pk),
        "event": str(row.event),
        "about": row.about or None,
        "state": str(row.state),
        "attempts": row.attempt,
        "status": row.status,
        "error": row.error or None,
        "created": rfc3339(row.created),
        "tried": rfc3339(row.tried),
        "due": rfc3339(row.due),
        "document": row.document,
    }
