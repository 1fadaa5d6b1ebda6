"""The Waste page: what of an image is hidden, by whom, and what to do about it."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from analyzer.charts.wastebars import Bar, wastebars, wastebars_height
from analyzer.models import Image
from analyzer.selectors.access import image_for
from analyzer.selectors.image import ImagePage, image_page
from analyzer.selectors.image_waste import WastePage, waste_page
from analyzer.units import binary_text, grouped
from analyzer.web import image_words
from analyzer.web.twins import twin, wanted
from analyzer.web.waste_twins import TABLES

MOST_LINES = 60  # that the page shows; the twins have all
MOST_FILES = 20
MOST_TWICE = 20


@login_required
@require_safe
def image_waste(request: HttpRequest, ref: str) -> HttpResponse:
    """The page, or the twin of one of its tables."""
    image = image_for(request.user, ref)
    page = image_page(request.user, image, timezone.now())
    waste = waste_page(image, page)
    if wanted(request):
        return _twin(request, image, waste)
    context: dict[str, Any] = {
        "page": page,
        "crumb": "Waste",
        "waste": waste,
        "unknown_words": image_words.unknown_words(page),
        "heading": image_words.waste_heading(page, page.figures.waste),
    }
    if waste is not None:
        context |= _sections(page, waste)
    return render(request, "analyzer/image_waste.html", context)


def _sections(page: ImagePage, waste: WastePage) -> dict[str, Any]:
    bars = _bars(page, waste)
    files = waste.files()
    lines = [line for line in waste.lines if line.size]  # folders and links are for the twins
    return {
        "figure": wastebars(bars) if bars else None,
        "height": wastebars_height(bars),
        "chart_title": _chart_title(bars, page),
        "lines": lines[:MOST_LINES],
        "lines_more": len(lines) - MOST_LINES,
        "files": files[:MOST_FILES],
        "files_count": len(files),
        "files_more": len(files) - MOST_FILES,
        "twice": waste.twice[:MOST_TWICE],
        "twice_more": len(waste.twice) - MOST_TWICE,
        "copies_title": _copies_title(waste),
        "twice_title": _twice_title(waste),
    }


def _bars(page: ImagePage, waste: WastePage) -> list[Bar]:
    """A bar for each layer with hidden bytes, the most first."""
    sums: dict[int, dict[str, int]] = {}
    for line in waste.lines:
        if line.size:
            by_cause = sums.setdefault(line.brought.index, {})
            by_cause[line.cause.value] = by_cause.get(line.cause.value, 0) + line.size
    words = {line.brought.index: line.brought_by for line in waste.lines}
    bars = [
        Bar(
            page.layers[index].diff_id,
            f"layer {index}  {_clipped(words[index])}",
            by_cause,
            f"{reverse('layer', args=[page.layers[index].diff_id])}?image={page.ref}",
        )
        for index, by_cause in sums.items()
    ]
    return sorted(bars, key=lambda bar: (-bar.size, bar.label))


def _clipped(text: str, most: int = 34) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _chart_title(bars: Sequence[Bar], page: ImagePage) -> str:
    if not bars:
        return "No layer holds hidden bytes"
    whole = sum(bar.size for bar in bars)
    if len(bars) == 1:
        return f"One layer holds all {binary_text(whole)} that is hidden"
    first = bars[0]
    return (
        f"{len(bars)} of {len(page.layers)} layers hold hidden bytes, {binary_text(first.size)} of {binary_text(whole)}"
        f" in {first.label.partition('  ')[0]}"
    )


def _copies_title(waste: WastePage) -> str:
    if not waste.copied_size:
        return "No file was copied for its metadata alone"
    files = image_words.plural(waste.copied_files, "file")
    return f"{binary_text(waste.copied_size)} was copied for owner or mode alone, in {files}"


def _twice_title(waste: WastePage) -> str:
    if not waste.twice:
        return "No content is twice in the merged view"
    extra = binary_text(waste.twice_extra)
    if len(waste.twice) == 1:
        return f"One content is in the merged view more than once: {extra} extra"
    return f"{grouped(len(waste.twice))} contents are in the merged view more than once: {extra} extra"


def _twin(request: HttpRequest, image: Image, waste: WastePage | None) -> HttpResponse:
    part = request.GET.get("part", "lines")
    if part not in TABLES or waste is None:
        raise Http404
    rows, columns = TABLES[part]
    return twin(request, part, rows(waste), columns, image_id=image.image_id)


urlpatterns = [path("images/<image_ref:ref>/waste/", image_waste, name="image-waste")]
