"""Logging in by the OpenID provider that the settings name: there, and back."""

import secrets
import time
from dataclasses import asdict

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analyzer.services import oidc
from analyzer.services.oidc_client import Begun, OidcError, authorization_address, claims_of
from analyzer.web import doors
from analyzer.web.addresses import site_of
from analyzer.web.invitation import BACKEND

KEPT = "oidc"  # in the session
LASTS = 600  # seconds that a log-in may take


@require_safe
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """Sends the browser to the provider. Who is logged in connects their account."""
    _check_there_is_one()
    begun = Begun.new()
    try:
        address = authorization_address(begun, _back(request))
    except OidcError as error:
        return _refused(request, error)
    request.session[KEPT] = {
        "begun": asdict(begun),
        "next": request.GET.get("next", ""),
        "user": request.user.pk,
        "at": time.time(),
    }
    return redirect(address)


@require_safe
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Where the provider sends the browser back to."""
    _check_there_is_one()
    kept = request.session.pop(KEPT, None)
    try:
        begun = _begun(request, kept)
        claims = claims_of(request.GET.get("code", ""), begun, _back(request))
        if kept["user"] != request.user.pk:
            raise OidcError("This log-in was begun by somebody else.")
        if isinstance(request.user, User):
            oidc.connect(request.user, claims)
            messages.success(request, f"You can log in with {settings.OIDC_NAME} from now on.")
            return redirect("account")
        login(request, oidc.account_of(claims), BACKEND)
    except OidcError as error:
        return _refused(request, error)
    return redirect(_next(request, kept["next"]))


def _begun(request: HttpRequest, kept: dict[str, object] | None) -> Begun:
    """The log-in that this answer belongs to. Raises OidcError."""
    if kept is None or time.time() - float(str(kept["at"])) > LASTS:
        raise OidcError("This log-in took too long, or was begun in another browser. Begin again.")
    begun = Begun(**kept["begun"])  # type: ignore[arg-type]
    if not secrets.compare_digest(request.GET.get("state", "").encode(), begun.state.encode()):
        raise OidcError("This answer belongs to another log-in. Begin again.")
    if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:
        raise OidcError("This answer is another provider's.")
    if "error" in request.GET:
        raise OidcError(f"The provider refused: {request.GET['error'][:100]}.")
    return begun


def _next(request: HttpRequest, wanted: str) -> str:
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else resolve_url(settings.LOGIN_REDIRECT_URL)


def _back(request: HttpRequest) -> str:
    return site_of(request) + reverse("oidc-callback")


def _check_there_is_one() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404


def _refused(request: HttpRequest, error: OidcError) -> HttpResponse:
    return render(request, "registration/oidc_refused.html", {"sentence": str(error)}, status=403)


urlpatterns = [
    path("accounts/oidc/", doors.link(begin), name="oidc"),
    path("accounts/oidc/callback/", doors.link(callback), name="oidc-callback"),
]
