"""Invitations into a team."""

from django.conf import settings
from django.db import models

from analyzer.models.fields import TextChoiceField
from analyzer.models.hashed import ExpiringLink
from analyzer.models.people import Role, Team


class Invitation(ExpiringLink):
    """Makes the first who follows it a member of the team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    role = TextChoiceField(Role, default=Role.VIEWER)
    note = models.CharField(max_length=100, default="", blank=True, help_text="Whom it is for.")
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    used = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.note or 'someone'} into {self.team}"
