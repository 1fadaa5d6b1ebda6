"""Guessing one account's password from many addresses: held by a count of the name, which locks nobody out.

A browser in which the account has logged in before is known by a cookie (OWASP's device cookies) and has a count of its
own, so whoever guesses elsewhere keeps the person from logging in only where they never did, and for a quarter of an
hour at most after the guessing ends; by a link to a new password not even that. What one address does is held by
django-axes before it comes here.
"""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from analyzer.services.rates import one_more

COOKIE = "known_browser"
SECONDS = 900
YEAR = 365 * 86_400
_signer = Signer(salt="layersite.known-browser")


class Held(BaseBackend):
    """Lets nobody in: stands before those that do, and ends the attempt where a name was tried too often."""

    def authenticate(self, request: HttpRequest | None, username: str | None = None, **more: Any) -> None:
        if request is None or username is None:
            return
        browser = _known_browser(request, username)
        whose = f"browser {browser}" if browser else f"name {username}"
        rate = one_more("log-in", whose, settings.LOGIN_ATTEMPTS_OF_A_NAME, SECONDS)
        if rate is not None and rate.over:
            request.held = rate  # type: ignore[attr-defined] # for the page that says so
            raise PermissionDenied


def remember_browser(response: HttpResponse, user: User) -> None:
    """Gives the browser the cookie by which it is known as one of the user's. It opens nothing."""
    browser = secrets.token_urlsafe(12)
    signature = _signer.signature(_text(browser, user.get_username()))
    response.set_cookie(
        COOKIE, f"{browser}.{signature}", YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def _known_browser(request: HttpRequest, username: str) -> str:
    browser, _, signature = request.COOKIES.get(COOKIE, "").partition(".")
    try:
        _signer.unsign(f"{_text(browser, username)}:{signature}")
    except BadSignature:
        return ""
    return browser


def _text(browser: str, username: str) -> str:
    return f"{browser} {username}"
