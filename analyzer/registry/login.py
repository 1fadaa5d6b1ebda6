"""What a registry's challenge asks for, and what comes of it."""

import time

import httpx

from analyzer.oci.wording import shown
from analyzer.registry import auth
from analyzer.registry.answers import OVERLOADED, Transient, check, read_limited, unauthorized
from analyzer.registry.auth import Authorization, Challenge, parse_challenges
from analyzer.registry.context import RegistryContext
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.requests import Requests

MAX_TOKEN_BYTES = 1 << 20


def log_in(requests: Requests, context: RegistryContext, header: str, scope: str) -> Authorization:
    """Who one is from now on. Raises RegistryError, Transient."""
    known = {challenge.scheme: challenge for challenge in reversed(parse_challenges(header))}
    credentials = context.credentials
    if "bearer" in known and known["bearer"].parameters.get("realm"):
        return _token(requests, context, known["bearer"], scope)
    if "basic" in known and credentials is not None:
        return Authorization(auth.basic(credentials))
    raise unauthorized(context)


def _token(requests: Requests, context: RegistryContext, challenge: Challenge, scope: str) -> Authorization:
    realm = challenge.parameters["realm"]
    credentials = context.credentials
    try:
        address = httpx.URL(realm)
        url = str(address.copy_merge_params(auth.token_query(challenge, scope, credentials)))
    except (httpx.InvalidURL, ValueError):
        raise RegistryError(
            Kind.FAILED, f"{context.registry} names a token server that is none: {shown(realm)}."
        ) from None
    headers = {"Authorization": auth.basic(credentials)} if credentials else {}
    now = time.monotonic()
    response = requests.follow("GET", url, headers)
    try:
        if response.status_code in (400, 401, 403):
            raise unauthorized(context)
        if response.status_code >= 400 and response.status_code not in OVERLOADED:
            sentence = f"The token server {address.host} of {context.registry} gives no token"
            raise RegistryError(Kind.FAILED, f"{sentence} (status {response.status_code}).")
        check(context, response, "")
        raw = read_limited(response, MAX_TOKEN_BYTES, f"The answer of the token server {address.host}")
    finally:
        response.close()
    try:
        return auth.parse_token(raw, now, address.host)
    except RegistryError as odd:  # cut off on the way, perhaps
        raise Transient(odd) from None
