"""Goes through the site as somebody who follows every link: pages, twins, downloads, and what the API says.

Of links that differ only in their values the oddest is followed, and of links to one page a few.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from itertools import pairwise
from urllib.parse import quote, urlsplit

from django.test import Client

from analyzer.models import Image, Job
from analyzer.selectors.access import ref_of
from tests.hostile.safety import complaints_of
from tests.hostile.texts import TEXTS
from tests.routes import Route, body, routes

ANSWERS = {200, 202, 204, 286, 302, 304, 400, 404, 405, 409, 410, 413, 422}
_LINK = re.compile(r'(?:href|hx-get|data-figure|src)="([^"#]+)')
_ID = re.compile(r"sha256:[0-9a-f]+|[0-9a-f-]{36}")
_ASKED = {"find": ("q",), "api-find": ("q",), "images": ("q", "tag", "sort"), "jobs": ("q",)}
_LEFT_OUT = {"logout", "put_named", "metrics"}


class Crawl:
    """`complaints` says what was wrong, and where; `seen` counts answers."""

    def __init__(self, client: Client, *, most_of_a_page: int = 12) -> None:
        self.client = client
        self.complaints: list[str] = []
        self.seen = 0
        self._known: set[str] = set()
        self._shapes: set[str] = set()
        self._pages: Counter[str] = Counter()
        self._most = most_of_a_page

    def everything_of(self, values: Mapping[str, str], only: frozenset[str] = frozenset()) -> None:
        """All addresses that stand for the thing, and all that their pages lead to; or the addresses named."""
        self._begin()
        for route in _readable():
            if route.places and set(route.places) <= values.keys() and (not only or route.name in only):
                self.follow(route.at(values), deeper=not only)

    def pages_of_all(self) -> None:
        """What stands for no single thing, also with texts that mean harm."""
        self._begin()
        for route in _readable():
            if not route.places:
                for query in ("", *_queries(route)):
                    self.follow(route.at({}) + query, deeper=not query)

    def compare(self) -> None:
        """Each image with the next; of what their pages lead to, as much as from one."""
        refs = [ref_of(image) for image in Image.objects.filter(incomplete_in=None).order_by("pk")]
        self._begin()
        for one, other in pairwise(refs):
            self.follow(f"/compare/?a={one}&b={other}")
            self.follow(f"/api/v1/compare/?a={one}&b={other}&semantic=true", deeper=False)

    def follow(self, address: str, *, deeper: bool = True) -> None:
        """Asks for the address, and for what its page leads to, and so on."""
        waiting = deque([address])
        while waiting:
            at = waiting.popleft()
            if at not in self._known:
                self._known.add(at)
                page = self._ask(at)
                waiting.extend(self._links(page, at) if deeper else ())

    def _begin(self) -> None:
        self._shapes.clear()
        self._pages.clear()

    def _ask(self, address: str) -> str:
        """The page, if that is what is there."""
        try:
            response = self.client.get(address)
            found = list(complaints_of(response))
        except Exception as error:  # noqa: BLE001 - each is one complaint
            self.complaints.append(f"{address[:300]}: {error!r:.300}")
            return ""
        self.seen += 1
        if response.status_code not in ANSWERS:
            found.append(str(response.status_code))
        self.complaints += [f"{address[:300]}: {complaint}" for complaint in found]
        is_page = response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
        return body(response).decode() if is_page else ""

    def _links(self, page: str, address: str) -> Iterator[str]:
        """Those within the site that are not known yet, a few of each shape."""
        here = urlsplit(address)
        found = {link.replace("&amp;", "&") for link in _LINK.findall(page)}
        for link in sorted(found, key=_oddness, reverse=True):
            if link.startswith("?"):
                link = here.path + link
            if not link.startswith("/") or link.startswith(("/static/", "/accounts/", "//")) or link in self._known:
                continue
            shape = _shape(link)
            page_of = shape.partition("?")[0]
            if shape not in self._shapes and self._pages[page_of] < self._most:
                self._shapes.add(shape)
                self._pages[page_of] += 1
                yield link


def things() -> Iterator[tuple[str, dict[str, str]]]:
    """The name of an archive, and what of it stands in addresses."""
    for image in Image.objects.filter(incomplete_in=None).order_by("pk"):
        came = image.archive_images.select_related("archive").first()
        values = {"ref": ref_of(image)}
        top = image.image_layers.filter(layer__isnull=False).order_by("-index").first()
        if top is not None:
            values["diff_id"] = top.diff_id
        yield (came.archive.name if came else ""), values
    for job in Job.objects.order_by("pk"):
        yield job.name, {"job_id": str(job.pk)}


def _readable() -> Iterator[Route]:
    yield from (route for route in routes() if route.name not in _LEFT_OUT)


def _queries(route: Route) -> Iterator[str]:
    texts = [quote(text.encode(errors="replace")[:300]) for text in TEXTS.values()]
    for name in _ASKED.get(route.name, ()):
        yield from (f"?{name}={text}" for text in texts)
        yield from (f"?{name}={text}&format=csv" for text in texts)


def _oddness(link: str) -> tuple[int, str]:
    return link.count("%"), link


def _shape(link: str) -> str:
    """The address without its values, but with those that say what is asked for."""
    asked = "".join(re.findall(r"(?:format|part|tab|view)=\w+", link))
    return re.sub(r"=[^&]*", "=", _ID.sub("*", link)) + asked
