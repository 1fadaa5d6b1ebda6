"""The overview as JSON and CSV: the report of `report --json` with what came in, or one of its tables."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from analyzer.selectors.arrivals import Arrival
from analyzer.selectors.figures import ImageRow, rfc3339
from analyzer.selectors.overview import Growth, SharedLayer, Totals
from analyzer.selectors.scoping import ScopeQuery
from analyzer.selectors.sharing_report import ladder_documents, scope_document, top_layer
from analyzer.web.job_words import problem_of
from analyzer.web.twins import twin, wanted

COLUMNS = {
    "ladder": ("step", "count", "size", "ratio", "saving"),
    "top_layers": ("diff_id", "size", "images", "saves"),
    "waste": ("image_id", "references", "size", "waste", "own_waste", "inherited_waste", "efficiency", "base"),
    "trend": ("at", "image_id", "logical", "stored"),
    "lately": ("at", "name", "size", "team", "state", "brought", "images", "job", "problem"),
}


def overview_twin(
    request: HttpRequest,
    query: ScopeQuery,
    totals: Totals,
    shared: Sequence[SharedLayer],
    wasteful: Sequence[ImageRow],
    growth: Sequence[Growth],
    lately: Sequence[Arrival],
) -> HttpResponse:
    """The table that `?part=` names; without it the whole as JSON (CSV: the ladder). Raises Http404."""
    tables = {
        "ladder": ladder_documents(totals),
        "top_layers": [top_layer(item) for item in shared],
        "waste": [row.as_json() for row in wasteful],
        "trend": [
            {"at": rfc3339(item.at), "image_id": item.image.image_id, "logical": item.logical, "stored": item.stored}
            for item in growth
        ],
        "lately": [_arrival(item) for item in lately],
    }
    part = request.GET.get("part", "")
    if not part and wanted(request) == "json":
        report = {
            "scope": scope_document(query),
            "images": totals.images,
            "layers": totals.layers,
            **tables,
            "ladder": {rung.key: rung.size for rung in totals.rungs},
        }
        return JsonResponse(report, json_dumps_params={"ensure_ascii": False})
    name = part or "ladder"
    if name not in tables:
        raise Http404
    return twin(request, name, tables[name], COLUMNS[name])


def _arrival(item: Arrival) -> dict[str, Any]:
    """`brought` in bytes of new layers, and the job, are null for what came in without one."""
    return {
        "at": rfc3339(item.at),
        "name": item.name,
        "size": item.size,
        "team": item.team.slug,
        "state": str(item.state),
        "brought": item.card.brought if item.card else None,
        "images": [image.ref for image in item.images],
        "job": str(item.card.job.pk) if item.card else None,
        "problem": (problem_of(item.card) or None) if item.card else None,
    }
