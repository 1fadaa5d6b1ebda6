"""Middleware that says whose doing a request is, for the audit log."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from analyzer.selectors.access import Machine
from analyzer.services.audit import Actor, acting


class Acting:
    """Whoever is logged in, or whose token an API request bears. Nobody is looked up until something is noted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def who() -> Actor:
            bearer: Actor = getattr(request, "auth", None)
            return bearer if isinstance(bearer, User | Machine) else request.user

        with acting(who):
            return self._get_response(request)
