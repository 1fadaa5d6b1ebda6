"""What a team keeps: the rules that let its images go, and how much it may keep at all."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from analyzer.models.people import Team


class Retention(models.Model):
    """Whether a team's rules are carried out by themselves, and when they last were."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="retention")
    daily = models.BooleanField(default=False)
    ran = models.DateTimeField(null=True, blank=True, help_text="When it was begun by itself last.")

    def __str__(self) -> str:
        return f"retention of {self.team}"


class RetentionRule(models.Model):
    """Keeps the last images of the references that it is about, and the young ones; lets the others go."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="retention_rules")
    pattern = models.CharField(max_length=300, help_text="A glob of references or of tags.")
    keep_last = models.PositiveIntegerField(null=True, blank=True, help_text="Images of each repository.")
    keep_days = models.PositiveIntegerField(null=True, blank=True, help_text="Since they were pushed.")
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

    def __str__(self) -> str:
        return f"quota of {self.team}"
