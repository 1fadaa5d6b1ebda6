"""A part of a page alone, for htmx: the same address, asked with the id of the element that is exchanged.

The whole page will not do: its style element has a nonce of its own, which the policy of the page that asks forbids.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def part_asked(request: HttpRequest) -> str:
    """The id of the element that htmx exchanges; empty where the whole page is asked for."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return (htmx.target or "") if htmx else ""


def answer(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """The page or its part; caches keep the two apart."""
    response = render(request, f"analyzer/{template}.html", dict(context))
    response["Vary"] = "HX-Request, HX-Target, Cookie"
    return response
