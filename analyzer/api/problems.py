"""Errors as problem documents (RFC 9457): every answer of the API that is none says why in one sentence."""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import DatabaseError, DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from analyzer.api import rates
from analyzer.archive.budget import LimitReached
from analyzer.blobstore.staging import Gone, NoSpace, WrongOffset
from analyzer.models import TokenScope
from analyzer.selectors.access import borne_by
from analyzer.services.jobs import JobNotReady
from analyzer.services.quotas import QuotaReached
from analyzer.services.rates import TooOften
from analyzer.services.reading import NotKept
from analyzer.services.refusals import REFUSED, explain
from analyzer.services.uploads import Empty, Interrupted, TooLong

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
NOT_FOUND = "There is nothing here that you may see."
STATUS: dict[type[Exception], int] = {
    LimitReached: 413,
    NoSpace: 507,
    QuotaReached: 507,
    Gone: 410,
    WrongOffset: 409,
    Empty: 400,
    Interrupted: 400,
    TooLong: 400,
}


class Problem(Exception):
    """To be raised by an operation; `members` are extension members of the document."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.members = members


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **members: Any) -> HttpResponse:
    """A problem document. Its type is about:blank (RFC 9457, 4.2.1): the status says the kind, the detail the rest."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    response = JsonResponse(document, status=status, content_type=CONTENT_TYPE, headers=headers or {})
    response["Cache-Control"] = "no-store"
    return response


def install(api: NinjaAPI) -> None:
    """Makes every error of `api` a problem document."""
    api.add_exception_handler(Problem, _raised)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(TooOften, _too_often)
    api.add_exception_handler(Http404, lambda request, error: problem(404, NOT_FOUND + by_token(request)))
    api.add_exception_handler(ValidationError, _validation)
    api.add_exception_handler(NotKept, lambda request, error: problem(410, str(error)))
    api.add_exception_handler(JobNotReady, lambda request, error: problem(409, str(error)))
    api.add_exception_handler(SuspiciousOperation, _suspicious)
    api.add_exception_handler(DatabaseError, _database)
    api.add_exception_handler(Exception, _unforeseen)
    for refused in REFUSED:
        api.add_exception_handler(refused, _refused)


def by_token(request: HttpRequest) -> str:
    """What the token that the request bears keeps its owner from: a sentence to go on with, or nothing."""
    token = borne_by(getattr(request, "auth", None) or request.user)
    if token is None or (token.scope == TokenScope.ADMIN and token.team_id is None):
        return ""
    where = " in one team" if token.team_id else ""
    return f" The token's scope is {token.scope}{where}."


@csrf_exempt  # it changes nothing, and who bears a token should read what is wrong
def not_found(request: HttpRequest) -> HttpResponse:
    """The view of every address below the API that has no operation."""
    hint = "" if request.path.endswith("/") else " Addresses of the API end with a slash."
    return problem(404, f"The API has no such address.{hint} {reverse('api-docs')} has them all.")


def by_address(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view`, which asks nobody who they are, as often as an address may."""

    @rates.told
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            rates.spend_by_address(request)
        except TooOften as error:
            return _too_often(request, error)
        return view(request, *args, **kwargs)

    return wrapped


def methods(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view`, whose plain 405 is a problem document."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 405 and response["Content-Type"] != CONTENT_TYPE:
            allowed = response["Allow"]
            return problem(405, f"This address knows {allowed}, not {request.method}.", {"Allow": allowed})
        return response

    return wrapped


def _raised(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status, error.detail, error.headers, **error.members)


def _too_often(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(429, str(error), {"Retry-After": str(error.rate.resets)})


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    if error.status_code == 401:
        try:
            rates.spend_by_address(request)
        except TooOften as often:
            return _too_often(request, often)
        return problem(
            401,
            "Send a token (Authorization: Bearer …), or log in.",
            {"WWW-Authenticate": 'Bearer realm="layersite"'},
        )
    return problem(error.status_code, str(error))


def _validation(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [{"where": ".".join(str(part) for part in each["loc"]), "detail": each["msg"]} for each in error.errors]
    words = "; ".join(f"{each['where']}: {each['detail']}" for each in errors)
    return problem(422, f"The request is not as the API describes it: {words}", errors=errors)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    members: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, LimitReached):
        members = {"setting": error.setting, "limit": error.limit}
    elif isinstance(error, NoSpace):
        members = {"setting": "MIN_FREE_DISK_BYTES"}
    elif isinstance(error, WrongOffset):
        members, headers = {"offset": error.length}, {"Upload-Offset": str(error.length)}
    return problem(STATUS[type(error)], explain(error), headers, **members)


def _suspicious(request: HttpRequest, error: Any) -> HttpResponse:
    """What Django itself will not read."""
    if isinstance(error, RequestDataTooBig):
        return problem(413, "The body is larger than this operation takes.")
    if isinstance(error, TooManyFieldsSent):
        return problem(400, "The address has more parameters than are read.")
    return problem(400, "The request can't be read.")


def _database(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, DataError):  # PostgreSQL has no text with a NUL in it, and looks for none
        return problem(400, "What was sent holds a character or a number that nothing here can have.")
    log.error("the database failed: %s", error)
    return problem(503, "The database does not answer; try again in a moment.", {"Retry-After": "5"})


def _unforeseen(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("an operation failed", exc_info=error)
    return problem(500, "Something went wrong here; it has been noted.")
