"""What Find found as JSON, the document of `find --json`; and as CSV, a line for each image that has a match."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from analyzer.web.twins import twin, wanted

COLUMNS = ("kind", "path", "sha256", "size", "link", "layer", "package", "version", "image_id", "references", "visible")


def found_twin(request: HttpRequest, document: Mapping[str, Any]) -> HttpResponse:
    if wanted(request) == "csv":
        return twin(request, "matches", _lines(document["matches"]), COLUMNS)
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False})


def _lines(matches: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for match in matches:
        package = match.get("package") or {}
        for image in match["images"]:
            yield {
                **match,
                "kind": match["entry"] or match["kind"],
                "package": package.get("name"),
                "version": package.get("version"),
                "image_id": image["image_id"],
                "references": image["references"],
                "visible": {True: "yes", False: "no"}.get(image["visible"]),
            }
