"""Reuse: what sharing saves in a scope, image by image, layer by layer, team by team."""

from typing import Any

import django_tables2
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from analyzer.selectors.figures import ImageRow, image_rows
from analyzer.selectors.overview import Totals, growth_of, totals_of
from analyzer.selectors.sharing import HeldLayer, days_of, held_layers, histogram_of, owners_of
from analyzer.selectors.spread import spread_of
from analyzer.web import reuse_charts as charts
from analyzer.web import reuse_words as words
from analyzer.web.ladder import ladder_context
from analyzer.web.parts import answer, part_asked
from analyzer.web.reuse_frame import Frame, frame
from analyzer.web.reuse_twins import reuse_twin
from analyzer.web.tables import Figure, Rows, Words, arrange
from analyzer.web.twins import wanted

ROWS = 15  # of a table under a chart; the twins have all
TABLE_ROWS = 30  # a page of the table of images, which is one of many things here
QUICK_IMAGES = 60  # of more, how layers are spread is asked once the page is there


class SharingTable(django_tables2.Table):  # type: ignore[misc]
    """Each image's shared and unique bytes."""

    name = Words(verbose_name="image", accessor="place")
    size = Figure(verbose_name="size")
    shared = Figure(verbose_name="shared")
    part = Words(verbose_name="Shared and unique as a bar", orderable=False, drop="bar-cell p2")
    unique = Figure(verbose_name="unique")
    base = Words(verbose_name="base", accessor="base__name", drop="p3")
    waste = Figure(verbose_name="waste", drop="p3")

    class Meta:
        order_by_field = "sort"
        page_field = "page"
        attrs = {"class": "fold"}

    def __init__(self, rows: list[ImageRow], **kwargs: Any) -> None:
        super().__init__(Rows(rows), **kwargs)


@login_required
def reuse(request: HttpRequest) -> HttpResponse:
    framed = frame(request)
    if wanted(request):
        return reuse_twin(request, framed)
    if not framed.scope.images:
        return render(request, "analyzer/reuse.html", framed.context)
    part = part_asked(request)
    if "spread" in request.GET:
        alone = framed.context | _spread(request, framed) | {"spread_alone": True}
        return answer(request, "reuse" if part != "spread" else "_reuse_spread", alone)
    if part == "images":
        return answer(request, "_reuse_images", _images(request, framed))
    totals = totals_of(framed.scope, patient="count" in request.GET)
    context = framed.context | ladder_context(framed.scope, totals)
    if part == "ladder":
        return answer(request, "_ladder", context)
    context |= _images(request, framed) | _layers(request, framed) | _time(framed) | _owners(framed, totals)
    context |= _spread(request, framed) if len(framed.scope.images) <= QUICK_IMAGES else {}
    return answer(request, "reuse", context)


def _owners(framed: Frame, totals: Totals) -> dict[str, Any]:
    owners = owners_of(framed.scope, framed.owners)
    return {
        "owners": owners,
        "owners_title": words.owners_title(owners, totals.stored),
        "fair_total": sum(owner.fair_cost for owner in owners),
    }


def _images(request: HttpRequest, framed: Frame) -> dict[str, Any]:
    rows = list(image_rows(framed.scope, framed.bases).values())
    table = SharingTable(rows, order_by="-unique")
    arrange(table, request, TABLE_ROWS)
    largest = max((row.size or 0 for row in rows), default=0)
    return {
        "table": table,
        "rows": [(row.record, largest) for row in table.paginated_rows],
        "images_title": words.images_title(rows),
    }


def _layers(request: HttpRequest, framed: Frame) -> dict[str, Any]:
    layers = held_layers(framed.scope)
    histogram = histogram_of(layers)
    key = request.GET.get("held", "")
    chosen = next((row for row in histogram if row.key == key), None)
    listed: list[HeldLayer] = [
        item for item in layers if chosen is not None and chosen.low <= item.images <= chosen.high
    ]
    return {
        "held": [(row, words.held_by(row.key), charts.held_address(row, framed)) for row in histogram],
        "held_chart": charts.held_chart(histogram, framed),
        "held_title": words.held_title(layers),
        "held_layers": len(layers),
        "held_stored": sum(row.stored for row in histogram),
        "held_naive": sum(row.naive for row in histogram),
        "chosen": chosen,
        "chosen_words": words.held_by(chosen.key) if chosen else "",
        "listed": listed[:ROWS],
        "listed_more": len(listed) - ROWS,
    }


def _time(framed: Frame) -> dict[str, Any]:
    growth = growth_of(framed.scope)
    if not growth:
        return {}
    days = days_of(growth)
    return {
        "growth": list(enumerate(growth, 1))[::-1][:ROWS],
        "growth_more": len(growth) - ROWS,
        "growth_chart": charts.growth_chart(growth),
        "growth_title": words.growth_title(growth),
        "days": days[::-1][:ROWS],
        "days_more": len(days) - ROWS,
        "days_chart": charts.days_chart(days, framed),
        "days_title": words.days_title(days),
    }


def _spread(request: HttpRequest, framed: Frame) -> dict[str, Any]:
    layers = spread_of(request.user, framed.scope)
    if not layers:
        return {}
    known = [item for item in layers if item.ratio is not None]
    return {
        "spread": sorted(layers, key=lambda item: (-item.size, item.diff_id))[:ROWS],
        "spread_more": len(layers) - ROWS,
        "spread_layers": len(layers),
        "spread_known": len(known),
        "size_chart": charts.size_chart(layers),
        "size_title": words.size_title(layers),
        "files_chart": charts.files_chart(layers),
        "files_title": words.files_title(layers),
        "ratio_chart": charts.ratio_chart(layers) if known else None,
        "ratio_title": words.ratio_title(layers),
    }


urlpatterns = [path("reuse/", reuse, name="reuse")]
