"""How a registry asks who one is (RFC 9110, 11; distribution's token authentication) and what it gets for an answer."""

import base64
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.oci.jsondoc import DocumentError, as_object, parse
from analyzer.registry.context import Credentials
from analyzer.registry.errors import Kind, RegistryError

SHORTEST_LIFE = 60.0
"""Seconds a token lives where the server does not say (distribution's specification)."""

LONGEST_LIFE = 24 * 3600.0  # whatever a server says
MARGIN = 10.0  # seconds before its end at which a token is not used any more

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SCHEME = re.compile(rf"\s*,*\s*({_WORD})(?:\s+|$)")
_PARAMETER = re.compile(rf'\s*,*\s*({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}[^\s,]*))\s*')


@dataclass(frozen=True, slots=True)
class Challenge:
    """`scheme` in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authorization:
    """What goes into the header, until `expires` (of the monotonic clock)."""

    header: str = field(repr=False)
    expires: float = float("inf")

    @property
    def fresh(self) -> bool:
        return time.monotonic() < self.expires


def parse_challenges(header: str) -> list[Challenge]:
    """The challenges of a WWW-Authenticate header; what is no challenge is left out."""
    found: list[Challenge] = []
    at = 0
    while at < len(header):
        scheme = _SCHEME.match(header, at)
        if scheme is None:
            break
        at = scheme.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, at):
            name, quoted, plain = parameter.groups()
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
            parameters.setdefault(name.lower(), value)
            at = parameter.end()
        found.append(Challenge(scheme.group(1).lower(), parameters))
    return found


def basic(credentials: Credentials) -> str:
    """The value of an Authorization header (RFC 7617)."""
    pair = f"{credentials.username}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def token_query(challenge: Challenge, scope: str, credentials: Credentials | None) -> dict[str, str]:
    """What is asked of the token server; `scope` where the challenge names none."""
    asked = {"service": challenge.parameters.get("service", ""), "scope": challenge.parameters.get("scope") or scope}
    if credentials is not None:
        asked["account"] = credentials.username
    return {name: value for name, value in asked.items() if value}


def parse_token(raw: bytes, now: float, host: str) -> Authorization:
    """A token server's answer. Raises RegistryError."""
    try:
        document: Mapping[str, Any] = as_object(parse(raw, 8), "it")
    except DocumentError as error:
        raise _odd(host, str(error)) from None
    token = document.get("token") or document.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise _odd(host, "it has no token")
    life = document.get("expires_in")
    said = life if isinstance(life, int) and not isinstance(life, bool) and life > 0 else SHORTEST_LIFE
    seconds = float(min(said, LONGEST_LIFE))
    return Authorization(f"Bearer {token}", now + max(seconds - MARGIN, 1.0))


def _odd(host: str, why: str) -> RegistryError:
    return RegistryError(Kind.FAILED, f"The token server {host} gave an answer that can't be used: {why}.")
