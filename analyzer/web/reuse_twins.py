"""The Reuse page as JSON and CSV: the report of `report --json`, or one of its tables."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from analyzer.selectors.figures import image_row, rfc3339
from analyzer.selectors.overview import growth_of, totals_of
from analyzer.selectors.sharing import days_of, held_layers, histogram_of, owners_of
from analyzer.selectors.sharing_report import by_name, ladder_documents, owner_document, sharing_report
from analyzer.selectors.spread import spread_of
from analyzer.web.image_table import COLUMNS as IMAGE_COLUMNS
from analyzer.web.reuse_frame import Frame
from analyzer.web.twins import twin, wanted

Rows = Sequence[Mapping[str, Any]]
COLUMNS = {
    "ladder": ("step", "count", "size", "ratio", "saving"),
    "per_image": IMAGE_COLUMNS,
    "histogram": ("low", "high", "layers", "stored", "naive"),
    "held": ("diff_id", "size", "images"),
    "spread": ("diff_id", "size", "files", "tar_size", "blob_size", "ratio"),
    "growth": ("number", "at", "image_id", "naive", "stored", "ratio"),
    "days": ("day", "images", "logical", "new", "logical_after", "stored_after"),
    "owners": ("team", "images", "naive", "stored", "fair_cost"),
}


def reuse_twin(request: HttpRequest, framed: Frame) -> HttpResponse:
    """The table that `?part=` names; without it the whole as JSON (CSV: the ladder). Raises Http404."""
    part = request.GET.get("part", "")
    if not part and wanted(request) == "json":
        report = sharing_report(framed.scope, framed.query, framed.bases, framed.owners)
        return JsonResponse(report, json_dumps_params={"ensure_ascii": False})
    name = part or "ladder"
    if name not in COLUMNS:
        raise Http404
    return twin(request, name, tables_of(request, framed)[name](), COLUMNS[name])


def tables_of(request: HttpRequest, framed: Frame) -> Mapping[str, Callable[[], Rows]]:
    """The tables of the page by their part; each is read when it is called."""
    scope = framed.scope
    return {
        "ladder": lambda: ladder_documents(totals_of(scope, patient=True)),
        "per_image": lambda: [image_row(scope, image, framed.bases).as_json() for image in by_name(scope)],
        "histogram": lambda: [
            {name: getattr(row, name) for name in COLUMNS["histogram"]} for row in histogram_of(held_layers(scope))
        ],
        "held": lambda: [{name: getattr(row, name) for name in COLUMNS["held"]} for row in held_layers(scope)],
        "spread": lambda: [
            {name: getattr(row, name) for name in COLUMNS["spread"]} for row in spread_of(request.user, scope)
        ],
        "growth": lambda: [
            {
                "number": number,
                "at": rfc3339(item.at),
                "image_id": item.image.image_id,
                "naive": item.logical,
                "stored": item.stored,
                "ratio": round(item.logical / item.stored, 4) if item.stored else None,
            }
            for number, item in enumerate(growth_of(scope), 1)
        ],
        "days": lambda: [
            {**{name: getattr(row, name) for name in COLUMNS["days"]}, "day": row.day.isoformat()}
            for row in days_of(growth_of(scope))
        ],
        "owners": lambda: [owner_document(owner) for owner in owners_of(scope, framed.owners)],
    }
