"""What a team keeps: the rules that let its images go, and how much it may keep at all."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from analyzer.models.fields import TextChoiceField
from analyzer.models.people import Team

MOST_LAST = 100_000
MOST_DAYS = 36_500


class Retention(models.Model):
    """Whether a team's rules are carried out by themselves, and when they last were."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="retention")
    daily = models.BooleanField(default=False)
    ran = models.DateTimeField(null=True, blank=True, help_text="When it was begun by itself last.")
    due = models.DateTimeField(null=True, blank=True, help_text="When it begins by itself next; null: now.")

    def __str__(self) -> str:
        return f"retention of {self.team}"


class RetentionRule(models.Model):
    """Keeps the last images of the references that it is about, and the young ones; lets the others go."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="retention_rules")
    pattern = models.CharField(max_length=300, help_text="A glob of references or of tags.")
    keep_last = models.PositiveIntegerField(
        null=True, blank=True, validators=(MaxValueValidator(MOST_LAST),), help_text="Images of each repository."
    )
    keep_days = models.PositiveIntegerField(
        null=True, blank=True, validators=(MaxValueValidator(MOST_DAYS),), help_text="Since they were pushed."
    )
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("created", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(keep_last__gte=1) | models.Q(keep_days__gte=1), name="a_rule_keeps_something"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pattern}: {self.words}"

    @property
    def words(self) -> str:
        """`keeps the last 5, and what is younger than 30 days`."""
        last = f"the last {self.keep_last}" if self.keep_last else ""
        young = f"what is younger than {self.keep_days} day{'' if self.keep_days == 1 else 's'}"
        return "keeps " + ", and ".join(part for part in (last, young if self.keep_days else "") if part)


class RetentionWay(models.TextChoices):
    """What began a run."""

    PAGE = "page"
    DAILY = "daily"
    COMMAND = "command"


class RetentionRun(models.Model):
    """The rules were carried out. Claimed by a conditional UPDATE, held by a lease; a killed one goes on where it was.

    Bytes as if the team were all there is: everybody in it reads them.
    """

    MOST_TOLD = 200

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="retention_runs")
    way = TextChoiceField(RetentionWay)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    agreed: Any = models.JSONField(null=True, help_text="Images that somebody saw and let go; null: whatever goes.")
    images = models.PositiveIntegerField(default=0)
    freed = models.BigIntegerField(default=0, help_text="Bytes of layers, by diffID.")
    on_disk = models.BigIntegerField(default=0, help_text="Bytes of their blobs.")
    gone: Any = models.JSONField(default=list, help_text="The first MOST_TOLD images that went, as they were called.")
    error = models.TextField(default="", blank=True, help_text="One sentence for a person.")
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, default="", blank=True)
    attempt = models.IntegerField(default=0)
    rung = models.DateTimeField(default=timezone.now)
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created", "-pk")

    def __str__(self) -> str:
        return f"retention of {self.team}, {self.created:%Y-%m-%d %H:%M}"


class Quota(models.Model):
    """How much a team may keep, in bytes of layers; null: as much as it wants."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="quota")
    stored = models.BigIntegerField(
        null=True,
        blank=True,
        validators=(MinValueValidator(1),),
        help_text="Bytes: the layers of the team's images, each once.",
    )
    fair_cost = models.BigIntegerField(
        null=True,
        blank=True,
        validators=(MinValueValidator(1),),
        help_text="Bytes: the same, each divided among the teams that hold it. Tells the team how much it shares.",
    )
    warned = models.DateTimeField(null=True, blank=True, help_text="When its owners were told that it fills up.")
    refused = models.DateTimeField(null=True, blank=True, help_text="When its webhooks were told of a refusal.")

    def __str__(self) -> str:
        return f"quota of {self.team}"
