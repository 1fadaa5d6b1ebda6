"""Every address of the site, found by asking Django: a page that is made tomorrow is among them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.http import QueryDict
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_CHANGING = re.compile(
    rb'csrfmiddlewaretoken" value="\w+"|X-CSRFToken[^,}]+|nonce="[^"]+"'
    rb'|<time.*?</time>|"(?:age|seconds)": ?[\d.]+|"at": "[^"]+"|<ul class="messages".*?</ul>',
    re.S,
)


@dataclass(frozen=True, slots=True)
class Route:
    template: str  # "/images/<image_ref:ref>/files/"
    name: str

    @property
    def places(self) -> list[str]:
        """The names of what stands in the address: `ref`."""
        return _PLACE.findall(self.template)

    def at(self, values: Mapping[str, object]) -> str:
        """The address with its places filled. A place that `values` don't know fails: say what stands there."""
        unknown = [place for place in self.places if place not in values]
        assert not unknown, f"{self.template}: this test knows no value for {unknown}"
        return _PLACE.sub(lambda place: str(values[place[1]]), self.template)

    @property
    def is_api(self) -> bool:
        return self.template.startswith("/api/")


def routes() -> list[Route]:
    """All but the administrator's panel and the addresses that catch what is none."""
    return [route for route in _below(get_resolver().url_patterns, "/") if route.name]


def admin_routes() -> list[str]:
    """The panel's addresses, with 1 for each row."""
    resolver = next(each for each in get_resolver().url_patterns if str(each.pattern) == "admin/")
    assert isinstance(resolver, URLResolver)
    found = [route.template for route in _below(resolver.url_patterns, "/admin/")]
    return [_PLACE.sub("1", template) for template in found if "(" not in template]


def _below(patterns: Iterable[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for each in patterns:
        if isinstance(each, URLPattern):
            yield Route(prefix + str(each.pattern), each.name or "")
        elif str(each.pattern) != "admin/":
            yield from _below(each.url_patterns, prefix + str(each.pattern))


@contextmanager
def recorded_parameters() -> Iterator[set[str]]:
    """The names of the query parameters that pages ask for meanwhile."""
    names: set[str] = set()
    item, several, contains = QueryDict.__getitem__, QueryDict.getlist, QueryDict.__contains__

    def asked_item(self: QueryDict, key: str) -> Any:
        names.add(key)
        return item(self, key)

    def asked_list(self: QueryDict, key: str, *more: Any, **named: Any) -> Any:
        names.add(key)
        return several(self, key, *more, **named)

    def asked_whether(self: QueryDict, key: object) -> bool:
        names.add(str(key))
        return contains(self, key)

    with (
        patch.object(QueryDict, "__getitem__", asked_item),
        patch.object(QueryDict, "getlist", asked_list),
        patch.object(QueryDict, "__contains__", asked_whether),
    ):
        yield names


def body(response: HttpResponseBase) -> bytes:
    """All of it, also of a download."""
    if isinstance(response, StreamingHttpResponse):
        return response.getvalue()
    return bytes(getattr(response, "content", b""))


def lasting(response: HttpResponseBase) -> bytes:
    """The body without what differs from one request to the next: tokens, nonces, ages, what the last one did."""
    return _CHANGING.sub(b"", body(response))


def difference(one: bytes, other: bytes) -> str:
    """Where two pages part, with what stands around it; nothing if they don't."""
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), -1)
    if at < 0:
        return "" if len(one) == len(other) else f"{len(one)} and {len(other)} bytes"
    return f"{one[max(0, at - 60) : at + 60]!r} and {other[max(0, at - 60) : at + 60]!r}"
