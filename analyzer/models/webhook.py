"""Webhooks of a team: programs of its own that are told what happens in it, and each call that was made of them."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models import sealing
from analyzer.models.fields import TextChoiceField
from analyzer.models.people import Team


class WebhookEvent(models.TextChoices):
    """What a webhook may be told of; `ping` only where somebody asks for it."""

    IMAGE = "image.analysed", "an image was analysed"
    GATE = "gate.failed", "an image failed at the gate"
    FILLS = "quota.fills", "a quota is used to 80 %"
    REFUSED = "quota.refused", "something was refused, as a quota is used up"
    PING = "ping", "somebody tries the webhook out"


class Webhook(models.Model):
    """An address that a team's events are sent to. What signs them is sealed, and leaves through `secret` alone."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="webhooks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    url = models.URLField(max_length=500)
    sealed_secret = models.TextField()
    events: Any = models.JSONField(default=list, help_text="The values of WebhookEvent that it is told of.")
    paused = models.BooleanField(default=False, help_text="It is told of nothing meanwhile.")
    failures = models.PositiveIntegerField(default=0, help_text="Calls that failed since one was taken.")
    quiet_until = models.DateTimeField(null=True, help_text="It failed: nothing is sent before then.")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("created", "pk")

    def __str__(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """What may be told of its address anywhere: what comes after the host lets in whoever has it."""
        return urlsplit(self.url).hostname or ""

    def secret(self) -> str:
        """In plain, for who signs. Raises SealBroken."""
        return sealing.unseal(self.sealed_secret)

    def set_secret(self, secret: str) -> None:
        """Seals it; the row is not saved yet."""
        self.sealed_secret = sealing.seal(secret)


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookDelivery(models.Model):
    """One thing that a webhook is to be told, and what it answered. Sent at least once; its ID tells copies apart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = TextChoiceField(WebhookEvent)
    about = models.CharField(max_length=300, default="", blank=True, help_text="What people call what it is about.")
    document: Any = models.JSONField(help_text="What is sent.")
    state = TextChoiceField(DeliveryState, default=DeliveryState.WAITING)
    due = models.DateTimeField(null=True, help_text="When it is tried next; null: no more.")
    attempt = models.PositiveIntegerField(default=0, help_text="Since it was last asked for.")
    status = models.PositiveIntegerField(null=True, help_text="Of the last answer; null: there was none.")
    error = models.CharField(max_length=300, default="", blank=True, help_text="Why the last attempt failed.")
    created = models.DateTimeField(default=timezone.now)
    tried = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created", "-pk")
        verbose_name_plural = "webhook deliveries"
        indexes = (
            models.Index(fields=("due",), name="deliveries_due", condition=models.Q(due__isnull=False)),
            models.Index(fields=("webhook", "-created"), name="deliveries_of_a_webhook"),
        )

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
