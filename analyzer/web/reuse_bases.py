"""Bases: what stands on each and what that saves, which of them have moved on, and what images say of their own."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse

from analyzer.charts.stacks import Piece, Row, stacks, stacks_height
from analyzer.selectors.base_claims import AGREES, Claim, claims
from analyzer.selectors.base_report import BaseRow, Drift, base_rows, drifts
from analyzer.selectors.calling import Names
from analyzer.selectors.figures import rfc3339
from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.selectors.sharing_report import scope_document
from analyzer.units import binary_text, exact
from analyzer.web import reuse_bases_words as words
from analyzer.web.overview_words import counted
from analyzer.web.reuse_frame import frame
from analyzer.web.twins import twin, wanted
from analyzer.web.what_if_query import Question

BARS = 15
ROWS = 30  # bases that a page lists; the twins have all
DRIFTS = 8
EACH = 8  # images of a drift
COLUMNS = {
    "bases": ("image_id", "references", "created", "size", "own_size", "images", "users", "saved", "base"),
    "drift": ("name", "image_id", "newer", "moved", "images", "more_shared", "freed"),
    "claims": ("image_id", "references", "base", "base_name", "base_digest", "verdict", "meant"),
}


@login_required
def reuse_bases(request: HttpRequest) -> HttpResponse:
    """The page and its twins. Raises Http404 for a table that is none."""
    framed = frame(request)
    rows = base_rows(framed.scope, framed.everything, framed.bases)
    most = None if wanted(request) else DRIFTS
    drifting, drift_count = drifts(request.user, framed.everything, framed.bases, rows, most)
    said = claims(request.user, framed.scope, framed.everything, framed.bases)
    if wanted(request):
        return _twin(request, scope_document(framed.query), rows, drifting, said)
    names = Names(framed.everything)
    scope = framed.query.parameters

    def rebased(image: ScopeImage, onto: ScopeImage) -> str:
        """The address of the question what moving the image would share."""
        return Question(ask="rebase", move=names.name(image), onto=names.name(onto)).address(scope)

    baseless = [image for pk, image in framed.scope.images.items() if pk not in framed.bases]
    bars = [_bar(framed.everything, row) for row in rows[:BARS] if row.saved]
    told = [claim for claim in said if claim.verdict != AGREES]
    context: dict[str, Any] = {
        "rows": rows[:ROWS],
        "rows_more": len(rows) - ROWS,
        "title": words.bases_title(rows),
        "saved": sum(row.saved for row in rows),
        "figure": stacks(bars) if bars else None,
        "height": stacks_height(bars),
        "drifts": [
            (drift, [(image, rebased(image, drift.newer)) for image in drift.images[:EACH]], len(drift.images) - EACH)
            for drift in drifting
        ],
        "drift_more": drift_count - len(drifting),
        "drift_title": words.drift_title(drifting),
        "claims": [(claim, words.verdict(claim)) for claim in told[:ROWS]],
        "claims_more": len(told) - ROWS,
        "claims_title": words.claims_title(said),
        "claimed": len(said),
        "baseless": len(baseless),
    }
    return render(request, "analyzer/reuse_bases.html", {**framed.context, **context})


def _bar(everything: Scope, row: BaseRow) -> Row:
    """Each of the base's own layers as often as it is not stored again."""
    pieces = []
    under = everything.chains[row.base.top_chain].depth + 1 if row.base and row.base.top_chain is not None else 0
    for chain in row.image.chains[under:]:
        layer = everything.layers[everything.chains[chain].layer]
        text = f"{layer.diff_id[7:19]}: {exact(layer.size)}, stored once instead of {row.users} times"
        link = reverse("layer", args=[layer.diff_id])
        pieces.append(Piece(layer.size * (row.users - 1), text, layer.diff_id, link))
    return Row(row.image.name, pieces, f"in {counted(row.users, 'image')}", binary_text(row.saved))


def _twin(
    request: HttpRequest,
    scope: dict[str, Any],
    rows: Sequence[BaseRow],
    drifting: Sequence[Drift],
    said: Sequence[Claim],
) -> HttpResponse:
    tables: dict[str, list[dict[str, Any]]] = {
        "bases": [_base_row(row) for row in rows],
        "drift": [
            {
                "name": drift.name,
                "image_id": drift.base.image_id,
                "newer": drift.newer.image_id,
                "moved": rfc3339(drift.moved),
                "images": [image.image_id for image in drift.images],
                "more_shared": drift.more_shared,
                "freed": drift.freed,
            }
            for drift in drifting
        ],
        "claims": [_claim_row(claim) for claim in said],
    }
    part = request.GET.get("part", "")
    if not part and wanted(request) == "json":
        return JsonResponse({"scope": scope, **tables}, json_dumps_params={"ensure_ascii": False})
    name = part or "bases"
    if name not in tables:
        raise Http404
    return twin(request, name, tables[name], COLUMNS[name])


def _base_row(row: BaseRow) -> dict[str, Any]:
    return {
        "image_id": row.image.image_id,
        "references": list(row.image.references),
        "created": rfc3339(row.image.created),
        "size": row.image.size,
        "own_size": row.own_size,
        "images": [image.image_id for image in row.direct],
        "users": row.users,
        "saved": row.saved,
        "base": row.base.image_id if row.base else None,
    }


def _claim_row(claim: Claim) -> dict[str, Any]:
    return {
        "image_id": claim.image.image_id,
        "references": list(claim.image.references),
        "base": claim.base.image_id if claim.base else None,
        "base_name": claim.name,
        "base_digest": claim.digest or None,
        "verdict": claim.verdict,
        "meant": claim.meant.image_id if claim.meant else None,
    }


urlpatterns = [path("reuse/bases/", reuse_bases, name="reuse-bases")]
