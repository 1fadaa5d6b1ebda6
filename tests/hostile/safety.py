"""What is wrong with an answer of the site, whatever names it shows."""

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.http.response import HttpResponseBase

from tests.routes import body

_ODD = re.compile("[\0\u202a-\u202e\u2066-\u2069\x1b]")  # what changes the direction of a text, or speaks to a terminal
_NUMBER = re.compile(r"-?\d[\d.]*(e[+-]?\d+)?")
_RUNS = re.compile(r"\s*(javascript|data|vbscript):", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_ELEMENTS = {"evil-tag", "img", "iframe", "object", "embed", "base"}
"""None of which a page of ours has."""
_OPEN = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_IMPLIED = {
    "p",
    "li",
    "dt",
    "dd",
    "tr",
    "td",
    "th",
    "tbody",
    "thead",
    "tfoot",
    "option",
    "optgroup",
    "html",
    "body",
    "head",
}


def complaints_of(response: HttpResponseBase) -> Iterator[str]:
    """Each in words; nothing where the answer is safe. Reads it to its end."""
    for name, value in response.items():
        if re.search(r"[\r\n\0]", value):
            yield f"header {name}: {value[:80]!r}"
    kind, data = response.get("Content-Type", ""), body(response)
    if response.get("Content-Disposition", "").startswith("attachment") and "csv" not in kind and "json" not in kind:
        return
    if kind.startswith("text/html"):
        if "default-src" not in response.get("Content-Security-Policy", ""):
            yield "no content security policy"
        page = _Page()
        page.feed(data.decode())
        page.close()
        yield from page.complaints
    elif kind.startswith("text/csv"):
        for row in csv.reader(io.StringIO(data.decode(), newline=""), strict=True):
            yield from (f"formula {cell[:40]!r}" for cell in row if _is_formula(cell))
    elif "json" in kind:
        json.loads(data)
    elif not kind.startswith(("image/", "application/pdf", "application/x-tar", "text/plain")):
        yield f"a content type of {kind!r}"


def _is_formula(cell: str) -> bool:
    return cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)


class _Page(HTMLParser):
    """Complains of what no template of ours writes: elements and attributes that came from a name, or came apart."""

    def __init__(self) -> None:
        super().__init__()
        self.complaints: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _OPEN:
            self._within.append(tag)
        if tag in _ELEMENTS:
            self.complaints.append(f"<{tag}>")
        if tag == "script" and not any(name == "src" or value == "application/json" for name, value in attrs):
            self.complaints.append("a script without an address")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        told = f"{name} of <{tag}>: {value[:80]!r}"
        if name.startswith("on") or not re.fullmatch(r"[a-z][a-z0-9:-]*", name, re.IGNORECASE):
            self.complaints.append(told)
        if name in {"href", "src", "action", "formaction"} and _RUNS.match(value):
            self.complaints.append(told)
        if _ODD.search(value):
            self.complaints.append(told)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within[-1] != tag and self._within[-1] in _IMPLIED:
            self._within.pop()
        if self._within and self._within[-1] == tag:
            self._within.pop()
        elif tag not in _OPEN:
            self.complaints.append(f"</{tag}> within {self._within[-3:]}")

    def handle_data(self, data: str) -> None:
        if found := _ODD.search(data):
            self.complaints.append(f"{found[0]!r} in {data[max(0, found.start() - 30) : found.end() + 20]!r}")
