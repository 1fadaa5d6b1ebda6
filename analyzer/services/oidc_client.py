"""An OpenID Connect client: the code flow with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9207).

A provider is asked for its metadata and keys once an hour; an ID token counts when its signature, issuer, audience,
times and nonce are right.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
KEPT_SECONDS = 3600.0
LEEWAY = 60  # seconds that clocks may differ by
TIMEOUT = 10.0


class OidcError(Exception):
    """The provider did not vouch for anybody; the message says why to a person."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a log-in that has begun is held to; kept in the browser's session."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Begun":
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


_metadata: dict[str, tuple[float, Mapping[str, Any]]] = {}


def authorization_address(begun: Begun, redirect: str) -> str:
    """Where the browser is sent. Raises OidcError."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": redirect,
        "scope": settings.OIDC_SCOPES,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    endpoint = str(_provider()["authorization_endpoint"])
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def claims_of(code: str, begun: Begun, redirect: str) -> Mapping[str, Any]:
    """What the provider says of who came back with `code`: `sub`, and what else it tells. Raises OidcError."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "code_verifier": begun.verifier,
        "client_id": settings.OIDC_CLIENT_ID,
    }
    provider = _provider()
    methods = provider.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    basic = None
    if settings.OIDC_CLIENT_SECRET and "client_secret_basic" in methods:
        basic = (settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    elif settings.OIDC_CLIENT_SECRET:
        form["client_secret"] = settings.OIDC_CLIENT_SECRET
    answer = _asked("POST", str(provider["token_endpoint"]), data=form, auth=basic)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise OidcError("The provider sent no ID token.")
    return _checked(token, begun.nonce, provider)


def forget() -> None:
    """Asks the provider anew for its metadata and keys."""
    _metadata.clear()


def _checked(token: str, nonce: str, provider: Mapping[str, Any]) -> Mapping[str, Any]:
    import jwt  # every command loads the services, few need this

    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key_of(token, provider),
            algorithms=ALGORITHMS,
            audience=settings.OIDC_CLIENT_ID,
            issuer=settings.OIDC_ISSUER,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise OidcError(f"The provider's ID token does not hold: {error}.") from None
    if not secrets.compare_digest(str(claims.get("nonce", "")), nonce):
        raise OidcError("The provider's ID token is of another log-in.")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", settings.OIDC_CLIENT_ID if not several else None) != settings.OIDC_CLIENT_ID:
        raise OidcError("The provider's ID token is for another program.")
    return claims


def _key_of(token: str, provider: Mapping[str, Any]) -> Any:
    """The key that the token names; a key that is not known yet is asked for once."""
    import jwt

    header = jwt.get_unverified_header(token)
    for fresh in (False, True):
        document = _kept(str(provider["jwks_uri"]), fresh)
        keys = [key for key in jwt.PyJWKSet.from_dict(dict(document)).keys if key.public_key_use in (None, "sig")]
        for key in keys:
            if key.key_id == header.get("kid") or (header.get("kid") is None and len(keys) == 1):
                return key.key
    raise OidcError("The provider's ID token is signed with a key that it does not publish.")


def _provider() -> Mapping[str, Any]:
    """The provider's metadata (OpenID Connect Discovery 1.0). Raises OidcError."""
    found = _kept(f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration", fresh=False)
    if found.get("issuer") != settings.OIDC_ISSUER:
        raise OidcError(f"OIDC_ISSUER is {settings.OIDC_ISSUER}, but the provider calls itself {found.get('issuer')}.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        address = urlsplit(str(found.get(name, "")))
        if address.scheme != "https" and settings.OIDC_ISSUER.startswith("https:"):
            raise OidcError(f"The provider's {name} is not https.")
    return found


def _kept(address: str, fresh: bool) -> Mapping[str, Any]:
    at, document = _metadata.get(address, (0.0, {}))
    if fresh or not document or time.monotonic() - at > KEPT_SECONDS:
        document = _asked("GET", address)
        _metadata[address] = (time.monotonic(), document)
    return document


def _asked(method: str, address: str, **more: Any) -> Mapping[str, Any]:
    import httpx

    try:
        answer = httpx.request(method, address, timeout=TIMEOUT, follow_redirects=False, **more)
        document = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise OidcError(f"The provider can't be reached: {error}.") from None
    if answer.status_code != 200 or not isinstance(document, dict):
        told = document.get("error", "") if isinstance(document, dict) else ""
        raise OidcError(f"The provider answered {answer.status_code} {told}".rstrip() + ".")
    return document
