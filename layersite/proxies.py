"""Which address a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The client's address: the peer's, or what the outermost of TRUSTED_PROXIES saw.

    Each proxy appends the address of its own peer to X-Forwarded-For, so with n proxies of ours the n-th from the
    right is the client; all before it is the client's own claim.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return peer
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if len(forwarded) < settings.TRUSTED_PROXIES:
        return forwarded[0] if forwarded else peer
    return forwarded[-settings.TRUSTED_PROXIES]
