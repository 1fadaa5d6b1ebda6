"""How often the API may be asked: by token, by who is logged in, and by address for everybody else.

Each answer tells what is left (draft-ietf-httpapi-ratelimit-headers); what is more is 429 with Retry-After. Pieces
of an upload are not counted: their sender is known, and how many there are is the client's way of sending.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from analyzer.services.rates import Rate, TooOften, one_more

PIECES = ("PATCH", "api-upload")


def spend(request: HttpRequest, whose: str) -> None:
    """Counts the request for `whose`, a token or a person. Raises TooOften."""
    at = request.resolver_match
    if (request.method, at.url_name if at else "") != PIECES:
        _spend(request, whose, settings.REQUESTS_A_MINUTE)


def spend_by_address(request: HttpRequest) -> None:
    """Counts the request for the address that it comes from. Raises TooOften."""
    _spend(request, f"address {get_client_ip_address(request)}", settings.ANONYMOUS_REQUESTS_A_MINUTE)


def told(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view`, whose answers tell in headers what is left of whom the request was counted for."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        rate: Rate | None = getattr(request, "rate", None)
        if rate is not None:
            response["RateLimit-Policy"] = f'"requests";q={rate.limit};w={rate.seconds}'
            response["RateLimit"] = f'"requests";r={rate.left};t={rate.resets}'
        return response

    return wrapped


def _spend(request: HttpRequest, whose: str, limit: int) -> None:
    rate = one_more("api", whose, limit)
    request.rate = rate  # type: ignore[attr-defined]
    if rate is not None and rate.over:
        raise TooOften(rate)
