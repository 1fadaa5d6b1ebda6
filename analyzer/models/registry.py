"""Registries that a team keeps, with what it takes to log in there."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models import sealing
from analyzer.models.people import Team


class Registry(models.Model):
    """A registry as a team knows it. Its password is sealed, and leaves through `password` alone."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="registries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=255, help_text="As references write it: `registry.example.org:5000`.")
    username = models.CharField(max_length=255, default="", blank=True)
    sealed_password = models.TextField(default="", blank=True)
    hook_sha256 = models.CharField(max_length=64, default="", blank=True, help_text="Of the secret of its webhook.")
    hook_used = models.DateTimeField(null=True, help_text="When the webhook last brought something.")
    quiet_until = models.DateTimeField(null=True, help_text="It asked to be left alone until then.")
    rate_limit = models.IntegerField(null=True, help_text="Requests that it grants in a window, as it last said.")
    rate_remaining = models.IntegerField(null=True)
    rate_window = models.IntegerField(null=True, help_text="Seconds.")
    rate_seen = models.DateTimeField(null=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "registries"
        constraints = (models.UniqueConstraint(fields=("team", "name"), name="one_registry_a_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def has_password(self) -> bool:
        return bool(self.sealed_password)

    def password(self) -> str:
        """In plain, for who logs in. Raises SealBroken."""
        return sealing.unseal(self.sealed_password)

    def set_password(self, password: str) -> None:
        """Seals it; the row is not saved yet."""
        self.sealed_password = sealing.seal(password)
