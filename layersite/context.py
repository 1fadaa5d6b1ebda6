"""What every template may say about the site itself."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """A context processor: the version."""
    return {"version": settings.VERSION}
