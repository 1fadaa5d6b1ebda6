"""The heat map: what every two images share, or every two families of them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.http import urlencode

from analyzer.charts.heatmap import Side, heat_map_figure, heat_map_height, heat_map_width
from analyzer.selectors.chain_forest import woods_of
from analyzer.selectors.heat_map import KEYS, HeatMap, Pair, Row, heat_map
from analyzer.selectors.sharing_report import scope_document
from analyzer.sharing.forest import Place
from analyzer.web import reuse_pictures_words as words
from analyzer.web.reuse_frame import frame
from analyzer.web.reuse_places import Places, place_of
from analyzer.web.twins import twin, wanted

ROWS = 50  # of the table under the figure; the twins have all
COLUMNS = ("one", "other", "shared", "share", "one_image_id", "other_image_id", "one_images", "other_images")


@login_required
def reuse_heat_map(request: HttpRequest) -> HttpResponse:
    """What the images share that end in the place `at`, `from`; `key` is chain or layer. Raises Http404."""
    framed = frame(request)
    woods = woods_of(framed.scope)
    place = place_of(request, woods)
    key = request.GET.get("key") or "chain"
    if key not in KEYS:
        raise Http404
    shown = heat_map(woods, place, key)
    places = Places("reuse-heat-map", framed, woods, **({"key": key} if key != "chain" else {}))
    pairs = shown.pairs()
    if wanted(request):
        rows = [_row(row, places) for row in shown.rows]
        figures = {"scope": scope_document(framed.query), "key": key, "rows": rows}
        return twin(request, "pairs", [_pair(pair) for pair in pairs], COLUMNS, **figures)
    title = words.heat_title(shown, pairs)
    context: dict[str, Any] = {
        "heat": shown,
        "heat_title": title,
        "trail": places.trail(place),
        "top": places.address(Place()),
        "keys": [
            (each, Places("reuse-heat-map", framed, woods, **({"key": each} if each != "chain" else {})).address(place))
            for each in KEYS
        ],
        "figure": _figure(shown, places, framed.address("reuse-grid")),
        "height": heat_map_height(len(shown.rows)),
        "width": heat_map_width(len(shown.rows)),
        "pairs": [(pair, _opens(pair.one, places), _opens(pair.other, places)) for pair in pairs[:ROWS]],
        "pairs_more": len(pairs) - ROWS,
        "has_families": any(row.place for row in shown.rows),
    }
    return render(request, "analyzer/reuse_heat_map.html", framed.context | context)


def _figure(shown: HeatMap, places: Places, grid: str) -> Any:
    sides = [
        Side(row.name, _opens(row, places), urlencode({"image": row.image.ref}) if row.image else "")
        for row in shown.rows
    ]
    return heat_map_figure(sides, shown.shared, shown.shares, f"{grid}{'&' if '?' in grid else '?'}")


def _opens(row: Row, places: Places) -> str:
    return places.address(row.place) if row.place else ""


def _row(row: Row, places: Places) -> dict[str, Any]:
    return {
        "name": row.name,
        "image_id": row.image.image_id if row.image else None,
        "images": len(row.images),
        "size": row.size,
        "opens": _opens(row, places) or None,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "one": pair.one.name,
        "other": pair.other.name,
        "shared": pair.shared,
        "share": round(pair.share, 4),
        "one_image_id": pair.one.image.image_id if pair.one.image else None,
        "other_image_id": pair.other.image.image_id if pair.other.image else None,
        "one_images": len(pair.one.images),
        "other_images": len(pair.other.images),
    }


urlpatterns = [path("reuse/heat-map/", reuse_heat_map, name="reuse-heat-map")]
