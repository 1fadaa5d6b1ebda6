"""No page has a character that moves the text around it: names and settings of images are others' words.

One place for all pages, whatever wrote them (the names of files are made visible where they are read, see
`analyzer.selectors.shown`). The characters are those of "Trojan Source", CVE-2021-42574, and controls.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase

_MOVING = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]|[\x00-\x08\x0b\x0e-\x1f]")  # U+202A-202E, U+2066-2069


class Visible:
    """Middleware: writes them as `\\u202e` in HTML."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        html = response.get("Content-Type", "").startswith("text/html")
        if html and isinstance(response, HttpResponse) and _MOVING.search(response.content):
            response.content = _MOVING.sub(_written, response.content)
        return response


def _written(found: re.Match[bytes]) -> bytes:
    return f"\\u{ord(found[0].decode()):04x}".encode()
