"""The Layer page: what a layer holds, changes and costs, and who stands on it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from analyzer.filetree.listing import Listing
from analyzer.oci.findings import CODES
from analyzer.selectors.access import image_for, layer_for
from analyzer.selectors.image_packages import PackageRow, layer_packages
from analyzer.selectors.image_secrets import layer_findings
from analyzer.selectors.layer import LayerPage, layer_page
from analyzer.selectors.layer_near import near_of
from analyzer.selectors.listings import listing_of
from analyzer.web import layer_twins as rows
from analyzer.web import layer_words as words
from analyzer.web.image_packages import COLUMNS, documents
from analyzer.web.layer_entries import listing_context
from analyzer.web.layer_map import map_context, shown_map
from analyzer.web.near_miss_words import differs_in
from analyzer.web.twins import twin, wanted

MOST_PACKAGES = 100


@login_required
@require_safe
@vary_on_headers("HX-Target")
def layer(request: HttpRequest, diff_id: str) -> HttpResponse:
    """The page; its listing alone where htmx asks for it; a twin of one of its tables, or of the layer."""
    found = layer_for(request.user, diff_id)
    page = layer_page(request.user, found, request.GET.get("image", ""))
    listing = listing_of(found)
    if wanted(request):
        return _twin(request, page, listing)
    context = {"page": page} | listing_context(request, found, page.setting, page.diff)
    if request.headers.get("HX-Target") == "entries":
        return render(request, "analyzer/_tree_found.html", context)
    near = near_of(request.user, found)
    context |= map_context(request, found, listing) | {
        "near": [(item, differs_in(item.differs)) for item in near],
        "near_heading": words.near_heading(near),
        "uses_heading": words.uses_heading(page),
        "ids_heading": words.ids_heading(page),
        "problems": _problems(page),
    }
    context |= _packages(request, page)
    return render(request, "analyzer/layer.html", context)


def _brought(request: HttpRequest, page: LayerPage) -> list[PackageRow]:
    """The packages that the layer brought to the image that it is looked at in."""
    use = page.setting.image
    image = image_for(request.user, use.ref) if use else None
    return layer_packages(image, page.layer, use.index if use else 0)


def _packages(request: HttpRequest, page: LayerPage) -> dict[str, Any]:
    brought = _brought(request, page) if page.packages else []
    if not brought:
        return {}
    return {
        "packages": brought[:MOST_PACKAGES],
        "more_packages": max(len(brought) - MOST_PACKAGES, 0),
        "packages_heading": words.packages_heading(brought),
    }


def _problems(page: LayerPage) -> list[dict[str, Any]]:
    """What is odd in the layer itself, and about it on the chosen chain."""
    place = page.setting.place
    found = [*layer_findings(page.layer), *(place.chain.findings if place else [])]
    return [{**finding, "meaning": CODES.get(finding["code"], "")} for finding in found]


def _twin(request: HttpRequest, page: LayerPage, listing: Listing) -> HttpResponse:
    match request.GET.get("part", ""):
        case "":
            return JsonResponse(rows.layer_document(page), json_dumps_params={"ensure_ascii": False})
        case "images":
            return twin(request, "images", rows.images(page), rows.IMAGE_COLUMNS, diff_id=page.layer.diff_id)
        case "near":
            near = [item.as_json() for item in near_of(request.user, page.layer)]
            return twin(request, "near_misses", near, rows.NEAR_COLUMNS, diff_id=page.layer.diff_id)
        case "packages":
            return twin(request, "packages", documents(_brought(request, page)), COLUMNS, diff_id=page.layer.diff_id)
        case "map":
            parts = rows.parts(shown_map(request, listing))
            return twin(request, "map", parts, rows.MAP_COLUMNS, diff_id=page.layer.diff_id)
    raise Http404


urlpatterns = [path("layers/<digest:diff_id>/", layer, name="layer")]
