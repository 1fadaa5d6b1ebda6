"""Who somebody is to an OpenID provider."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Identity(models.Model):
    """An account's name at a provider. Names and addresses there may change hands; the subject never does."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created = models.DateTimeField(default=timezone.now)
    last_used = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = (models.UniqueConstraint(fields=("issuer", "subject"), name="one_account_a_subject"),)

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"
