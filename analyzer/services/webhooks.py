"""Webhooks of a team: what is noted for them, and that each call is made until it is taken or given up.

A delivery is a row. It is sent at least once: tried again later each time, for about an hour. A webhook that fails is
left alone meanwhile, whatever else waits for it, so that a program that hangs keeps no worker busy.
"""

import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analyzer import queue
from analyzer.models import DeliveryState, Team, Webhook, WebhookDelivery, WebhookEvent
from analyzer.models.sealing import SealBroken
from analyzer.registry.errors import RegistryError
from analyzer.services import audit
from analyzer.services.signed_calls import LONGEST_URL, is_taken, post_signed

log = logging.getLogger(__name__)

PREFIX = "layout_"
MOST_OF_A_TEAM = 20
MOST_KEPT = 500  # deliveries of each webhook; those that wait among them
ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)  # doubled each time: the last attempt is about an hour after the first
LONGEST_WAIT = timedelta(days=1)  # of a delivery whose webhook fails all the time
CHOSEN = tuple(event for event in WebhookEvent if event != WebhookEvent.PING)


class BadWebhook(ValueError):
    """What was entered is no webhook; the message says so to a person."""


def add(team: Team, user: User | None, url: str, events: Iterable[str]) -> tuple[Webhook, str]:
    """A webhook and the secret that signs what it is sent, which is not to be had again. Raises BadWebhook."""
    hook = Webhook(team=team, user=user, url=_checked(url), events=_known(events))
    secret = _fresh(hook)
    with transaction.atomic():
        if Webhook.objects.filter(team=team).count() >= MOST_OF_A_TEAM:
            raise BadWebhook(f"A team has {MOST_OF_A_TEAM} webhooks at most.")
        hook.save()
    return hook, secret


def change(hook: Webhook, events: Iterable[str], paused: bool) -> None:
    """What it is told of, and whether it is told of anything now: what waits is given up by a pause. Raises
    BadWebhook."""
    hook.events, hook.paused = _known(events), paused
    with transaction.atomic():
        hook.save(update_fields=["events", "paused"])
        if paused:
            waiting = hook.deliveries.filter(due__isnull=False).exclude(event=WebhookEvent.PING)
            waiting.update(state=DeliveryState.FAILED, due=None, error="The webhook was paused.")


def renew(hook: Webhook) -> str:
    """A fresh secret, not to be had again; from now on it signs whatever is sent."""
    secret = _fresh(hook)
    hook.save(update_fields=["sealed_secret"])
    return secret


def listening(team: Team, event: WebhookEvent) -> list[Webhook]:
    """The team's webhooks that want to know of it. One query."""
    hooks = Webhook.objects.filter(team=team, paused=False).select_related("team")
    return [hook for hook in hooks if event in hook.events]


def tell(hooks: Iterable[Webhook], event: WebhookEvent, about: str, document: dict[str, Any]) -> None:
    """Notes it for them; within the transaction of what it tells."""
    now = timezone.now()
    for hook in hooks:
        _note(hook, event, about, {"team": hook.team.slug, **document}, now)


def ping(hook: Webhook) -> WebhookDelivery:
    """Somebody tries it out: it is called at once, also where it is paused."""
    Webhook.objects.filter(pk=hook.pk).update(quiet_until=None, failures=0)
    words = {"message": "This is how layersite calls.", "team": hook.team.slug}
    return _note(hook, WebhookEvent.PING, "", words, timezone.now())


def send_again(delivery: WebhookDelivery) -> None:
    """The same once more, under the same ID, at once."""
    with transaction.atomic():
        Webhook.objects.filter(pk=delivery.webhook_id).update(quiet_until=None, failures=0)
        fields = {"state": DeliveryState.WAITING, "due": timezone.now(), "attempt": 0, "error": "", "status": None}
        WebhookDelivery.objects.filter(pk=delivery.pk).update(**fields)
        audit.note("webhook.again", delivery.webhook.host, delivery.webhook.team, event=str(delivery.event))
        queue.ring("deliver_webhook", str(delivery.pk))


def ring_due() -> None:
    """Rings for deliveries whose message was lost, or that are to be tried again."""
    due = WebhookDelivery.objects.filter(due__lt=timezone.now() - timedelta(seconds=2)).order_by("due")
    for pk in due.values_list("pk", flat=True)[:100]:
        queue.ring("deliver_webhook", str(pk))


def forget() -> None:
    """Drops the oldest deliveries of each webhook that has more than are kept."""
    for hook in Webhook.objects.all():
        oldest = hook.deliveries.values_list("created", flat=True)[MOST_KEPT : MOST_KEPT + 1].first()
        if oldest is not None:
            hook.deliveries.filter(created__lte=oldest).delete()


def deliver(pk: str) -> None:
    """Makes the call, if it is due. What fails is due again later."""
    delivery = _claimed(pk)
    if delivery is None:
        return
    hook = delivery.webhook
    body = {"id": str(delivery.pk), "event": delivery.event, **delivery.document}
    headers = {"X-Layersite-Event": str(delivery.event), "X-Layersite-Delivery": str(delivery.pk)}
    status, why = None, ""
    try:
        status = post_signed(hook.url, hook.secret(), body, headers)
        why = "" if is_taken(status) else f"It answered {status}."
    except (RegistryError, SealBroken) as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001  (whatever a stranger's program answers)
        why = _without_answer(error)
    _noted(delivery, status, why)


def _noted(delivery: WebhookDelivery, status: int | None, why: str) -> None:
    now = timezone.now()
    rows, hooks = WebhookDelivery.objects.filter(pk=delivery.pk), Webhook.objects.filter(pk=delivery.webhook_id)
    fields: dict[str, Any] = {"status": status, "error": why[:300], "tried": now, "attempt": delivery.attempt + 1}
    if not why:
        rows.update(**fields, state=DeliveryState.DELIVERED, due=None)
        hooks.update(failures=0, quiet_until=None)
        return
    log.info("delivery %s to a webhook of %s failed: %s", delivery.pk, delivery.webhook.team.slug, why)
    if delivery.attempt + 1 >= ATTEMPTS or now - delivery.created > LONGEST_WAIT:
        fields |= {"state": DeliveryState.FAILED, "due": None}
    rows.update(**fields)
    hooks.update(failures=F("failures") + 1, quiet_until=now + _pause(delivery.webhook.failures))


def _claimed(pk: str) -> WebhookDelivery | None:
    """The delivery, if it is due and its webhook is not left alone; until it is tried again no other worker has it."""
    now = timezone.now()
    row = WebhookDelivery.objects.filter(pk=pk, due__lte=now).select_related("webhook__team").first()
    if row is None:
        return None
    quiet = row.webhook.quiet_until
    held_back = quiet is not None and quiet > now
    due = quiet if held_back else now + _pause(row.attempt)
    claimed = WebhookDelivery.objects.filter(pk=pk, due=row.due).update(due=due)
    return row if claimed and not held_back else None


def _without_answer(error: Exception) -> str:
    """What httpx says itself may repeat the address."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return f"It did not answer within {settings.WEBHOOK_RULES.timeout:.0f} seconds."
    if isinstance(error, httpx.ConnectError):
        return "It could not be reached, or its certificate is not to be trusted."
    return f"The call broke off ({type(error).__name__})."


def _pause(failed: int) -> timedelta:
    return FIRST_PAUSE * (1 << min(failed, ATTEMPTS - 2))


def _note(hook: Webhook, event: WebhookEvent, about: str, document: dict[str, Any], now: Any) -> WebhookDelivery:
    delivery = WebhookDelivery.objects.create(
        webhook=hook, event=event, about=about[:300], document={"at": now.isoformat(), **document}, due=now
    )
    queue.ring("deliver_webhook", str(delivery.pk))
    return delivery


def _fresh(hook: Webhook) -> str:
    secret = PREFIX + secrets.token_urlsafe(32)
    hook.set_secret(secret)
    return secret


def _checked(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadWebhook("This is no address.") from None
    if parts.scheme != "https" or not parts.hostname or len(url) > LONGEST_URL or port == 0 or not url.isprintable():
        raise BadWebhook(f"A webhook is an address that begins with https:// and has {LONGEST_URL} characters at most.")
    if parts.username or parts.password:
        raise BadWebhook("An address has no user name or password in it: what is sent is signed instead.")
    return url


def _known(events: Iterable[str]) -> list[str]:
    chosen = [str(event) for event in CHOSEN if event in set(events)]
    if not chosen:
        raise BadWebhook("Choose at least one thing that it is told of.")
    return chosen
