"""What the gate said of images, and badges that tell it to whoever has their link."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models.fields import TextChoiceField
from analyzer.models.image import Image
from analyzer.models.people import Team


class GateRun(models.Model):
    """An image was judged. The newest that passed is what the next image of its name is compared with."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="gate_runs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="gate_runs")
    repository = models.CharField(max_length=512, default="", blank=True, help_text="Empty: it had no reference.")
    tag = models.CharField(max_length=128, default="", blank=True)
    passed = models.BooleanField()
    rules_name = models.CharField(max_length=255, default="", blank=True, help_text="Of the file; empty: the defaults.")
    rules_sha256 = models.CharField(max_length=64)
    rules = models.TextField(default="", blank=True, help_text="The file's text.")
    document = models.JSONField(help_text="The result, as `manage.py gate --json` prints it.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("team", "repository", "-at"), name="gate_runs_of_a_name"),)

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag} {'passed' if self.passed else 'failed'}"


class BadgeShows(models.TextChoices):
    GATE = "gate"
    EFFICIENCY = "efficiency"


def badge_key() -> str:
    """128 random bits: who was not given the link does not find it."""
    return secrets.token_urlsafe(16)


class Badge(models.Model):
    """One word about a reference of a team's, as a picture that anybody with its link may see."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="badges")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    repository = models.CharField(max_length=512)
    tag = models.CharField(max_length=128)
    shows = TextChoiceField(BadgeShows, default=BadgeShows.GATE)
    key = models.CharField(max_length=32, unique=True, default=badge_key)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("repository", "tag", "shows", "pk")
        constraints = (
            models.UniqueConstraint(fields=("team", "repository", "tag", "shows"), name="one_badge_a_reference"),
        )

    def __str__(self) -> str:
        return f"{self.shows} of {self.repository}:{self.tag}"
