"""Who did what: lines that are added, never changed, and forgotten after AUDIT_DAYS."""

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone


class AppendOnly(Exception):
    """A line of the audit log is not changed or taken out by hand."""


class AuditLines(models.QuerySet["AuditLine"]):
    """Lines can be read and added."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Lines of the audit log are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Lines of the audit log go when they are AUDIT_DAYS old, and not before.")

    def forget(self) -> int:
        """Takes these lines out: for the sweep alone, of those whose time is over. Returns how many went."""
        return self._raw_delete(self.db)


class AuditLine(models.Model):
    """Names as they were at that moment, no foreign keys: who and what is gone later stays told."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.CharField(max_length=150, blank=True, help_text="User name; empty: the program, or a command.")
    actor_id = models.IntegerField(null=True, help_text="The user's key then: names may be given again.")
    action = models.CharField(max_length=40, db_index=True, help_text="`thing.verb`, such as image.delete.")
    object = models.CharField(max_length=300, blank=True, help_text="What it was done to, as people call it.")
    team = models.CharField(max_length=100, blank=True, help_text="The team's slug then; empty: none.")
    details = models.JSONField(default=dict, blank=True, help_text="Figures and names; never a secret.")

    objects = AuditLines.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.actor or 'layersite'}: {self.action} {self.object}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Lines of the audit log are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Lines of the audit log go when they are AUDIT_DAYS old, and not before.")
