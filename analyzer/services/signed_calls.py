"""Calls of webhooks: JSON, signed, to addresses that were checked, and never on to where an answer points."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

LONGEST_URL = 500


def is_taken(status: int) -> bool:
    """Whether the answer says that the call was taken."""
    return 200 <= status < 300


def signature_of(secret: str, at: str, body: bytes) -> str:
    """What `X-Layersite-Signature` says: HMAC-SHA256 (RFC 2104) over the time, a dot and the body."""
    return f"sha256={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


def post_signed(url: str, secret: str, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> int:
    """Calls a webhook: the status of its answer, of which nothing more is read.

    Raises RegistryError for an address that must not be called, and what httpx raises where there is no answer.
    """
    import httpx

    from analyzer.registry.network import check_proxied, transport

    rules, parts = settings.WEBHOOK_RULES, httpx.URL(url)
    proxied = rules.proxied(parts.host)
    if proxied:
        check_proxied(rules, parts.host, parts.port or 443)
    body = json.dumps(document).encode()
    at = str(int(time.time()))
    told = {
        **(headers or {}),
        "Content-Type": "application/json",
        "User-Agent": f"layersite/{settings.VERSION}",
        "X-Layersite-Time": at,
        "X-Layersite-Signature": signature_of(secret, at, body),
    }
    with (
        httpx.Client(transport=transport(rules, proxied=proxied), timeout=rules.timeout) as client,
        client.stream("POST", url, content=body, headers=told) as answer,
    ):
        return answer.status_code
