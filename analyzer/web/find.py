"""Find: one box for paths, globs, names, digests, references and packages."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from analyzer.charts.versions import MOST_BARS, Version, versions_chart, versions_height
from analyzer.selectors.finding.documents import found_document
from analyzer.selectors.finding.found import Found, called, find, progress_of
from analyzer.selectors.finding.query import NotAQuery, Query, parse
from analyzer.selectors.finding.sight import Budget, Sight, sight_of
from analyzer.web import find_words as words
from analyzer.web.find_rows import Row, contents_of, rows_of
from analyzer.web.find_twins import found_twin
from analyzer.web.twins import wanted

MATCHES = 50  # that are looked for at first, newest first: as many as a page has rows; "more" takes four times as many
TWIN_MATCHES = 200
MOST_MATCHES = 1_600
PLACES = 8_000
ROWS = 50  # of a page: those of many images are 2 KB each
SECONDS = 1.0
MOST_CALLED = 8


@login_required
@require_GET
def find_page(request: HttpRequest) -> HttpResponse:
    sight = sight_of(request.user)
    typed = request.GET.get("q", "")
    context: dict[str, Any] = {"typed": typed, "examples": words.EXAMPLES, "fields": words.FIELDS}
    context["progress"] = words.progress(progress_of(sight))
    if not typed.strip():
        return render(request, "analyzer/find.html", context)
    try:
        query = parse(typed)
    except NotAQuery as error:
        return render(request, "analyzer/find.html", context | {"problem": str(error)})
    most = _most(request, TWIN_MATCHES if wanted(request) else MATCHES)
    found = find(sight, query, Budget(SECONDS, most, PLACES))
    if wanted(request):
        return found_twin(request, found_document(found))
    return render(request, "analyzer/find.html", context | _shown(request, sight, query, found, most))


def _shown(request: HttpRequest, sight: Sight, query: Query, found: Found, most: int) -> dict[str, Any]:
    rows = rows_of(found.matches)
    contents = contents_of(rows)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "found": found,
        "rows": page.object_list,
        "page": page,
        "title": words.title(found, rows),
        "note": words.note(found),
        "called": called(sight, query.text, MOST_CALLED) if query.kind in ("name", "path") and page.number == 1 else [],
        "more": min(most * 4, MOST_MATCHES) if found.truncated and most < MOST_MATCHES and not page.has_next() else 0,
    }
    if len(contents) > 1 and page.number == 1:
        versions = [_version(row) for row in contents]
        context |= {
            "versions": contents[:MOST_BARS],
            "versions_more": max(0, len(contents) - MOST_BARS),
            "chart": versions_chart(versions),
            "chart_height": versions_height(versions),
            "chart_title": words.chart_title(contents),
            "chart_label": _label(contents),
        }
    return context


def _version(row: Row) -> Version:
    return Version(f"{row.label}  {row.sha256[:12]}", row.visible, row.count - row.visible, row.first_layers[0])


def _label(contents: Sequence[Row]) -> str:
    bars = (f"{row.label} {row.sha256[:12]} in {row.count}" for row in contents[:MOST_BARS])
    return "Images that have each content: " + ", ".join(bars)


def _most(request: HttpRequest, usual: int) -> int:
    text = request.GET.get("most", "")
    return min(max(1, int(text)), MOST_MATCHES) if text.isascii() and text.isdigit() and len(text) < 9 else usual


urlpatterns = [path("find/", find_page, name="find")]
