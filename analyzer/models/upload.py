"""Bytes on their way in (tus 1.0): a part file on the blob store's filesystem, and how far it is."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models.job import Job
from analyzer.models.people import ApiToken, Team


class Upload(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="uploads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads", null=True)
    token = models.ForeignKey(
        ApiToken, on_delete=models.CASCADE, null=True, related_name="uploads", help_text="Of the team, where it sends."
    )
    name = models.CharField(max_length=255)
    length = models.BigIntegerField(null=True, help_text="Null while it is not known (a pipe).")
    offset = models.BigIntegerField(default=0, help_text="Bytes that have arrived and are on disk.")
    created = models.DateTimeField(default=timezone.now)
    touched = models.DateTimeField(default=timezone.now, db_index=True)
    job = models.OneToOneField(Job, on_delete=models.CASCADE, null=True, related_name="upload")

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.name
