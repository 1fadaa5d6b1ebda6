"""Who asks: the bearer of a token, or the person who is logged in on the pages."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security import APIKeyCookie, HttpBearer

from analyzer.api import rates
from analyzer.api.problems import Problem
from analyzer.selectors.access import Bearer, Machine, borne_by
from analyzer.services.tokens import bearer_of

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}


class Token(HttpBearer):
    """A token from the Tokens page or a team's: its bearer may what its scope says, in its team if it has one."""

    def authenticate(self, request: HttpRequest, token: str) -> Bearer:
        user = bearer_of(token)
        if user is None:
            rates.spend_by_address(request)
            headers = {"WWW-Authenticate": 'Bearer realm="layersite", error="invalid_token"'}
            raise Problem(401, "This token is not known here: it was mistyped or revoked, or has expired.", headers)
        borne = borne_by(user)
        rates.spend(request, f"token {borne.pk if borne else ''}")
        return user


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        raise Problem(403, f"The request can't be told from a forged one: {reason}. Send the header X-CSRFToken.")


class Session(APIKeyCookie):
    """The session of the pages; what changes something needs the header X-CSRFToken too."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        user = request.user
        if not isinstance(user, User):
            return None
        rates.spend(request, f"person {user.pk}")
        if request.method not in SAFE:
            # Django looks for the CSRF token in a form before it looks at the header, and reads the whole body for
            # that. Forms have no business here.
            if request.content_type in FORMS:
                raise Problem(415, "The API takes no forms.")
            check = _CsrfCheck(lambda request: HttpResponse())
            check.process_request(request)
            check.process_view(request, lambda request: HttpResponse(), (), {})
        return user

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        raise NotImplementedError  # never asked: __call__ knows already


def viewer(request: HttpRequest) -> Bearer:
    """Who the operation acts for."""
    user: Bearer = request.auth  # type: ignore[attr-defined] # ninja puts there what one of the above returned
    return user


def person(request: HttpRequest) -> User:
    """The same where it is somebody's doing: what owners decide, no program of a team does. Raises Http404."""
    user = viewer(request)
    if isinstance(user, Machine):
        raise Http404
    return user


def ask_page(request: HttpRequest, parameters: QueryDict) -> None:
    """Makes the request one that a page's own view answers: for operations that give the page's twin."""
    request.GET = parameters  # type: ignore[assignment]
    request.user = viewer(request)  # type: ignore[assignment] # pages ask who it is in their own way
