"""What administrators had done to the store: the rows are the truth about it, the broker only a bell."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models.fields import TextChoiceField


class UpkeepKind(models.TextChoices):
    VERIFY = "verify"
    REINDEX = "reindex"
    RECOMPRESS = "recompress"
    DROP = "drop"
    DELETE = "delete"
    CHECK = "check"
    MEND = "mend"


class UpkeepState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


UPKEEP_ENDED = (UpkeepState.DONE, UpkeepState.FAILED)


class Upkeep(models.Model):
    """One piece of such work. Claimed by a conditional UPDATE, held by a lease; a killed one goes on where it was."""

    kind = TextChoiceField(UpkeepKind)
    subject = models.CharField(max_length=200, help_text="What it is about, in words.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="upkeep")
    plan = models.JSONField(default=dict, help_text="What was asked for, and what it was told to come to.")
    results = models.JSONField(default=dict, help_text="What came of each thing of the plan, by its name.")
    state = TextChoiceField(UpkeepState, default=UpkeepState.QUEUED, db_index=True)
    promised = models.BigIntegerField(null=True, help_text="Bytes of the blob store that were to go.")
    freed = models.BigIntegerField(null=True, help_text="Bytes of the blob store that went.")
    bytes_total = models.BigIntegerField(default=0, help_text="Bytes to read.")
    bytes_done = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, default="", blank=True)
    attempt = models.IntegerField(default=0)
    rung = models.DateTimeField(default=timezone.now)
    error = models.TextField(default="", blank=True, help_text="One sentence for a person.")
    created = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created",)
        verbose_name_plural = "upkeep"

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def ended(self) -> bool:
        return self.state in UPKEEP_ENDED
