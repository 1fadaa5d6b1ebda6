"""The treemap of a layer: a section of its page, and the figure that htmx fetches into it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from analyzer.charts.treemap import treemap
from analyzer.filetree.listing import Listing
from analyzer.models import Layer
from analyzer.selectors.access import layer_for
from analyzer.selectors.layer_map import LayerMap, map_of, tiles_of
from analyzer.selectors.listings import listing_of
from analyzer.web import layer_words as words
from analyzer.web import rawquery


def map_context(request: HttpRequest, layer: Layer, listing: Listing) -> dict[str, Any]:
    """What the section shows without the figure: the heading, where it is, the parts."""
    shown = shown_map(request, listing)
    here = reverse("layer", args=[layer.diff_id])
    return {
        "layer": layer,
        "map": shown,
        "map_heading": words.map_heading(shown),
        "map_parts": [(part, _address(here, request, part.path) if part.is_folder else "") for part in shown.parts],
        "map_trail": [(name, _address(here, request, folder)) for folder, name in shown.trail],
        "map_top": _address(here, request, b""),
        "figure_page": reverse("layer-map", args=[layer.diff_id]),
        "figure_address": _address(reverse("layer-map", args=[layer.diff_id]), request, shown.at),
    }


def shown_map(request: HttpRequest, listing: Listing) -> LayerMap:
    """The map of the folder `at`. Raises Http404 if there is none."""
    shown = map_of(listing, _at(request))
    if shown is None:
        raise Http404
    return shown


@login_required
@require_safe
def layer_map(request: HttpRequest, diff_id: str) -> HttpResponse:
    """The whole section, with its figure."""
    layer = layer_for(request.user, diff_id)
    listing = listing_of(layer)
    context = map_context(request, layer, listing)
    shown: LayerMap = context["map"]
    name = shown.trail[-1][1] if shown.trail else "layer"
    # Only the query: map.js fetches the map of a folder, and chart.js follows whole addresses.
    tiles = tiles_of(listing, shown.at, name, lambda folder: _address("", request, folder))
    label = f"Treemap of {name} by folder. {context['map_heading']}"
    return render(
        request, "analyzer/_layer_map.html", context | {"figure": treemap(tiles, layer.diff_id), "map_label": label}
    )


def _at(request: HttpRequest) -> bytes:
    return next(iter(rawquery.paths(request, "at")), b"").strip(b"/")


def _address(here: str, request: HttpRequest, folder: bytes | None) -> str:
    image = request.GET.get("image", "")
    parameters: list[tuple[str, str | bytes]] = [("image", image)] if image else []
    if folder:
        parameters.append(("at", folder))
    return f"{here}?{rawquery.encode(parameters)}" if parameters else here


urlpatterns = [path("layers/<digest:diff_id>/map/", layer_map, name="layer-map")]
