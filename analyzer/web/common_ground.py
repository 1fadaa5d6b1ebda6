"""Common ground: files that several images carry in layers of their own, and what a shared base would save."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from analyzer.charts.again import Group, Share, again, again_height
from analyzer.models import CommonGround
from analyzer.selectors.common_ground import Candidate, asked_for, candidates_of
from analyzer.selectors.figures import rfc3339
from analyzer.selectors.sharing_report import scope_document
from analyzer.services.common_ground import LEAST_BYTES, ask, given_up
from analyzer.web import common_ground_words as words
from analyzer.web.reuse_frame import Frame, frame
from analyzer.web.twins import twin, wanted

MIB = 1 << 20
LEAST_MIB = 1.0  # of a set, unless the address says otherwise
SETS = 15  # of a page
BARS = 10
COLUMNS = ("size", "files", "layers", "saving", "diff_ids", "images", "paths")


@login_required
@require_safe
@vary_on_headers("HX-Target")
def common_ground(request: HttpRequest) -> HttpResponse:
    """The sets, those that would save most first; while a worker looks for them the page asks again."""
    framed = frame(request)
    ground = ask(asked_for(framed.scope))
    least = least_of(request)
    found = candidates_of(framed.scope, ground, round(least * MIB))
    if wanted(request):
        return _twin(request, framed, ground, found, least)
    page = Paginator(found, SETS).get_page(request.GET.get("page"))
    bars = [_bar(each) for each in found[:BARS]]
    told = ", ".join(f"{bar.label} {bar.size:,} bytes" for bar in bars)
    context: dict[str, Any] = {
        "ground": ground,
        "given_up": given_up(ground),
        "least": f"{least:g}",
        "least_kept": LEAST_BYTES,
        "heading": words.heading(found, ground),
        "page": page,
        "candidates": [(each, words.title(each)) for each in page],
        "figure": again(bars) if bars else None,
        "figure_height": again_height(bars),
        "figure_label": f"Bytes that a shared base would save: {told}",
        "bars": list(zip(bars, found, strict=False)),
    }
    part = "_" if request.headers.get("HX-Target") == "ground" else ""
    return render(request, f"analyzer/{part}common_ground.html", framed.context | context)


def least_of(request: HttpRequest) -> float:
    """MiB that a set must weigh: what the address says, if that is a number."""
    try:
        least = float(request.GET.get("least", ""))
    except ValueError:
        return LEAST_MIB
    return least if 0 <= least < 1 << 30 else LEAST_MIB


def _bar(each: Candidate) -> Group:
    """Every layer but the first stores the set again."""
    again_in = each.layers[1:]
    shares = [Share(layer.diff_id, each.size, link=reverse("layer", args=[layer.diff_id])) for layer in again_in]
    return Group(words.places(each.folders), shares)


def _twin(
    request: HttpRequest, framed: Frame, ground: CommonGround, found: list[Candidate], least: float
) -> HttpResponse:
    rows = [
        {
            "size": each.size,
            "files": each.files,
            "layers": len(each.layers),
            "saving": each.saving,
            "diff_ids": [layer.diff_id for layer in each.layers],
            "images": [image.image_id for image in each.images],
            "paths": [folder.path for folder in each.folders],
            "folders": [{"path": folder.path, "files": folder.files, "size": folder.size} for folder in each.folders],
        }
        for each in found
    ]
    response = twin(
        request,
        "sets",
        rows,
        COLUMNS,
        scope=scope_document(framed.query),
        least=round(least * MIB),
        computed=rfc3339(ground.computed),
        saving=sum(each.saving for each in found) if ground.computed else None,
    )
    if ground.computed is None:
        response.status_code = 202
        response["Retry-After"] = "2"
    return response


urlpatterns = [path("reuse/common-ground/", common_ground, name="reuse-common-ground")]
