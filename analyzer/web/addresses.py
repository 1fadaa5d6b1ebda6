"""Addresses as they are given to others: in links that are copied, and in mails."""

from django.conf import settings
from django.http import HttpRequest


def site_of(request: HttpRequest) -> str:
    """This site, no slash at its end: PUBLIC_URL where that is set, so that no header decides where a link leads."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
