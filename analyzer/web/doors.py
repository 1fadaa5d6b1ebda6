"""What is asked for by people whom nobody knows yet: logging in, new passwords, links. As often as an address may."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from analyzer.services.rates import Rate, TooOften, spend

SAFE = ("GET", "HEAD", "OPTIONS")


def link(view: Callable[..., Any]) -> Callable[..., Any]:
    """`view`, which a link leads to, opened as often in a minute as one address may."""
    return _counted(view, SAFE)


def form(view: Callable[..., Any]) -> Callable[..., Any]:
    """`view`, whose form is sent as often; who only looks at it is not counted: tabs that were left open come here."""
    return _counted(view, ())


def wait(request: HttpRequest, sentence: str, rate: Rate) -> HttpResponse:
    """The page that says when to try again."""
    context = {"sentence": sentence, "resets": timedelta(seconds=rate.resets)}
    response = render(request, "registration/wait.html", context, status=429)
    response["Retry-After"] = str(rate.resets)
    response["Cache-Control"] = "no-store"
    return response


def _counted(view: Callable[..., Any], looks: tuple[str, ...]) -> Callable[..., Any]:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method in looks or request.method not in SAFE:
            try:
                spend("door", str(get_client_ip_address(request)), settings.ANONYMOUS_REQUESTS_A_MINUTE)
            except TooOften as error:
                return wait(request, str(error), error.rate)
        return view(request, *args, **kwargs)

    return wrapped
