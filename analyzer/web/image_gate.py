"""The Gate page of an image: the rules that it keeps and breaks, the lines to fix, and badges that tell of it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from analyzer.gate.ruleset import Result
from analyzer.gate.verdict import Outcome
from analyzer.selectors.access import image_for
from analyzer.selectors.gate_page import GatePage, gate_page
from analyzer.selectors.image import image_page
from analyzer.web import image_words
from analyzer.web.addresses import site_of
from analyzer.web.gate_twins import TABLES
from analyzer.web.twins import twin, wanted

SIGNS = {Outcome.PASSED: "done", Outcome.FAILED: "failed", Outcome.UNKNOWN: "partial", Outcome.SKIPPED: ""}


@login_required
@require_safe
def image_gate(request: HttpRequest, ref: str) -> HttpResponse:
    """The page, or the twin of one of its tables."""
    image = image_for(request.user, ref)
    page = image_page(request.user, image, timezone.now())
    gate = gate_page(request.user, page, timezone.now())
    if wanted(request):
        return _twin(request, gate)
    site = site_of(request)
    return render(
        request,
        "analyzer/image_gate.html",
        _context(gate)
        | {"page": page, "unknown_words": image_words.unknown_words(page), "crumb": "Gate", "site": site},
    )


def heading(result: Result) -> str:
    """What the gate says, in words."""
    if result.silent:
        return "Nothing changed since it was accepted"
    if result.passed:
        return "The gate is open"
    return f"The gate is shut: {', '.join(verdict.rule for verdict in result.shut)}"


def _context(gate: GatePage) -> dict[str, Any]:
    result = gate.result
    return {
        "gate": gate,
        "result": result,
        "heading": heading(result),
        "verdicts": [(verdict, SIGNS[verdict.outcome]) for verdict in result.verdicts],
        "rules_title": _rules_title(result),
    }


def _rules_title(result: Result) -> str:
    kept = sum(verdict.outcome is Outcome.PASSED for verdict in result.verdicts)
    judged = sum(verdict.outcome is not Outcome.SKIPPED for verdict in result.verdicts)
    return f"{kept} of {image_words.plural(judged, 'rule')} kept" if judged else "No rule had anything to judge"


def _twin(request: HttpRequest, gate: GatePage) -> HttpResponse:
    part = request.GET.get("part", "rules")
    if part not in TABLES:
        raise Http404
    rows, columns = TABLES[part]
    result = gate.result
    return twin(request, part, rows(gate), columns, image_id=result.image.image_id, passed=result.passed)


urlpatterns = [path("images/<image_ref:ref>/gate/", image_gate, name="image-gate")]
