"""What sets of layers have in common: computed by a worker when somebody looks, and kept, since layers never change."""

from django.db import models
from django.utils import timezone


class CommonGround(models.Model):
    """Known by its layers alone, whoever asks for them: the sha256 of their diffIDs."""

    key = models.CharField(max_length=64, unique=True)
    diff_ids = models.JSONField(help_text="The layers, sorted.")
    asked = models.DateTimeField(default=timezone.now, help_text="When somebody last looked.")
    computed = models.DateTimeField(null=True, help_text="Null: not yet.")
    sets = models.JSONField(default=list, help_text="Layers as numbers of diff_ids, files, bytes, folders.")
    attempt = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.key[:12])
