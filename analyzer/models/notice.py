"""Notices: what somebody brought is ready; on the pages, and by mail or webhook where they chose so."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models.job import Job


class Notice(models.Model):
    """A job of somebody's has ended."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="notice")
    created = models.DateTimeField(default=timezone.now)
    seen = models.DateTimeField(null=True)
    mail_due = models.DateTimeField(null=True, help_text="Null: no mail is to be sent, or it was.")
    hook_due = models.DateTimeField(null=True, help_text="Null: the webhook is not to be called, or it was.")
    attempt = models.IntegerField(default=0, help_text="Deliveries that failed.")
    error = models.CharField(max_length=300, default="", blank=True, help_text="Why the last one failed.")

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.job} for {self.user}"


class NoticeChoice(models.Model):
    """How somebody wants to be told, beside the pages."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choice")
    mail = models.BooleanField(default=False)
    hook_url = models.URLField(max_length=500, default="", blank=True)
    sealed_hook_secret = models.TextField(default="", blank=True, help_text="Signs what is sent there.")

    def __str__(self) -> str:
        return f"notices of {self.user}"
