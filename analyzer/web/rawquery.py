"""Paths in addresses, byte for byte: names of files need not be UTF-8, and Django's own parsing would replace bytes."""

from collections.abc import Iterable
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from django.http import HttpRequest


def paths(request: HttpRequest, name: str) -> list[bytes]:
    """The values of the parameter `name`, as the bytes that stand in the address."""
    parts = (part.partition("=") for part in request.META.get("QUERY_STRING", "").split("&"))
    return [unquote_to_bytes(value.replace("+", " ")) for key, _, value in parts if key == name]


def encode(parameters: Iterable[tuple[str, str | bytes]]) -> str:
    """The parameters as the query of an address, without the question mark."""
    return "&".join(
        f"{name}={quote_from_bytes(value) if isinstance(value, bytes) else quote(value)}" for name, value in parameters
    )
