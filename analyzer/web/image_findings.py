"""The findings of an image as a tab of its page: what each kind means and what to do, and the places, as filtered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from analyzer.selectors.image import ImagePage
from analyzer.selectors.image_archives import Problem
from analyzer.selectors.image_secrets import Secrets
from analyzer.units import grouped
from analyzer.web import image_words as words
from analyzer.web.file_query import FileQuery

ROWS = 50
MOST_LAYERS = 20  # to filter by: those with most findings
FILTERS = ("code", "severity", "layer")
SEVERITIES = ("error", "warning", "info")

_OPENED = {"secret-file", "hidden-large-file", "setuid-file", "world-writable", "device-node"}
"""Codes whose path is one of the image, with a page of its own."""


@dataclass(frozen=True, slots=True)
class Kind:
    """All findings with one code."""

    first: Problem
    count: int
    address: str  # of these alone
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    problem: Problem
    address: str  # of the file's page; empty where there is none


@dataclass(frozen=True, slots=True)
class Pill:
    label: str
    count: int
    address: str
    current: bool


def findings_context(request: HttpRequest, page: ImagePage, problems: Sequence[Problem]) -> dict[str, Any]:
    """What the tab shows."""
    rows = picked(request, problems)
    shown = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return {
        "findings_heading": words.findings_heading(problems),
        "kinds": _kinds(request, problems),
        "finding_pills": [_severities(request, problems), _layers(request, problems)],
        "finding_lines": [Line(problem, _file(page, problem)) for problem in shown.object_list],
        "finding_page": shown,
        "findings_picked": len(rows),
        "every_finding": _address(request),
        "is_filtered": any(request.GET.get(name) for name in FILTERS),
    }


def picked(request: HttpRequest, problems: Sequence[Problem]) -> list[Problem]:
    """With the code, of the severity and in the layer that the address names."""
    code, severity, layer = (request.GET.get(name, "") for name in FILTERS)
    return [
        problem
        for problem in problems
        if (not code or problem.code == code)
        and (not severity or problem.severity == severity)
        and (not layer or str(problem.layer) == layer)
    ]


def notes(secrets: Secrets) -> list[str]:
    """How far the layers were searched for secrets, where that was not all."""
    found = []
    if secrets.waiting:
        are = "layer is" if secrets.waiting == 1 else "layers are"
        found.append(
            f"{grouped(secrets.waiting)} {are} still to be searched for secrets; so far their names alone tell."
        )
    if alone := secrets.by_name_alone:
        which = ("layer " if len(alone) == 1 else "layers ") + ", ".join(map(str, alone[:10]))
        more = f" and {grouped(len(alone) - 10)} more" if len(alone) > 10 else ""
        found.append(f"The bytes of {which}{more} were not kept: secrets are known by the names of files alone.")
    if secrets.unread:
        files = "small file was" if secrets.unread == 1 else "small files were"
        found.append(
            f"{grouped(secrets.unread)} {files} not searched for secrets: a limit was reached, or they can't be read."
        )
    return found


def _kinds(request: HttpRequest, problems: Sequence[Problem]) -> list[Kind]:
    """Gravest first, as the findings are."""
    counts = Counter(problem.code for problem in problems)
    firsts: dict[str, Problem] = {}
    for problem in problems:
        firsts.setdefault(problem.code, problem)
    return [
        Kind(first, counts[code], _address(request, code=code), request.GET.get("code") == code)
        for code, first in firsts.items()
    ]


def _severities(request: HttpRequest, problems: Sequence[Problem]) -> list[Pill]:
    counts = Counter(problem.severity for problem in problems)
    return _pills(request, "severity", {name: (name, counts[name]) for name in SEVERITIES if counts[name]})


def _layers(request: HttpRequest, problems: Sequence[Problem]) -> list[Pill]:
    counts = Counter(problem.layer for problem in problems if problem.layer is not None)
    shown = sorted(index for index, _ in counts.most_common(MOST_LAYERS))
    return _pills(request, "layer", {str(index): (f"layer {index}", counts[index]) for index in shown})


def _pills(request: HttpRequest, name: str, choices: dict[str, tuple[str, int]]) -> list[Pill]:
    """None where there is nothing to choose from. One that is chosen is taken back by its address."""
    asked = request.GET.get(name, "")
    return [
        Pill(label, count, _address(request, **{name: "" if asked == value else value}), asked == value)
        for value, (label, count) in choices.items()
        if len(choices) > 1 or asked
    ]


def _address(request: HttpRequest, **changes: str) -> str:
    """The tab with these filters, those of the address beside them; without any: no filter at all."""
    query = QueryDict(mutable=True)
    query["tab"] = "findings"
    for name in FILTERS if changes else ():
        if value := changes.get(name, request.GET.get(name, "")):
            query[name] = value
    return f"?{query.urlencode()}#about"


def _file(page: ImagePage, problem: Problem) -> str:
    if problem.raw is None or problem.layer is None or problem.code not in _OPENED or page.unknown:
        return ""
    at = None if problem.code == "hidden-large-file" else problem.layer
    return reverse("image-file", args=[page.ref]) + FileQuery(problem.raw, at).address()
