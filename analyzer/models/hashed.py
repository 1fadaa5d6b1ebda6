"""Secrets that are only ever recognised: shown once, kept as a hash."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone


def hash_of(text: str) -> str:
    """What is kept of a secret of 256 random bits; it needs no slow hash, as there is nothing to guess from."""
    return hashlib.sha256(text.encode()).hexdigest()


class ExpiringLink(models.Model):
    """A link that lets in whoever has it, for a while. Its secret is in the address, and here as a hash."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", help_text="Who made it."
    )
    sha256 = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()

    class Meta:
        abstract = True

    def set_secret(self, lasts: timedelta) -> str:
        """Gives the link, which is not saved yet, a secret; the text of it is not to be had again."""
        text = secrets.token_urlsafe(32)
        self.sha256, self.expires = hash_of(text), timezone.now() + lasts
        return text
