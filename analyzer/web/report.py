"""The report of a scope for a meeting: what sharing saves, what would save most, who bears what, how it grew."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from analyzer.charts.trend import Point, trend
from analyzer.selectors.common_ground import asked_for
from analyzer.selectors.near_misses import not_compared
from analyzer.selectors.overview import Growth, Totals, growth_of, thinned, totals_of
from analyzer.selectors.proposals import Ground, Proposal, proposals_of
from analyzer.selectors.sharing import Day, Owner, days_of, owners_of
from analyzer.selectors.sharing_report import ladder_documents, owner_document, scope_document
from analyzer.services.common_ground import ask
from analyzer.sharing.picking import Picked, greatest, together
from analyzer.web import overview_words, report_words
from analyzer.web.ladder import ladder_context
from analyzer.web.reuse_frame import Frame, frame
from analyzer.web.twins import twin, wanted

MOST_ACTIONS = 5
DAYS = 31  # rows of the table under the trend; the twins have all
COLUMNS = {
    "ladder": ("step", "count", "size", "ratio", "saving"),
    "actions": ("kind", "saves", "title", "remedy", "images", "address", "same_bytes_as"),
    "owners": ("team", "images", "naive", "stored", "fair_cost"),
    "trend": ("day", "images", "logical", "new", "logical_after", "stored_after"),
}
Actions = Sequence[Picked[Proposal]]


@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    framed = frame(request)
    scope = framed.scope
    totals = totals_of(scope, patient=bool(wanted(request)) or "count" in request.GET)
    common = ask(asked_for(scope))
    ground = Ground(scope, framed.everything, framed.bases, common)
    actions = greatest(proposals_of(ground), MOST_ACTIONS)
    teams = [team for team in framed.teams if framed.query.team in ("", team.slug)]
    owners, growth = owners_of(scope, teams), growth_of(scope)
    days = days_of(growth)
    if wanted(request):
        return _twin(request, framed, totals, actions, owners, days)
    saved = together(actions)
    context: dict[str, Any] = {
        **ladder_context(scope, totals),
        "heading": overview_words.heading(totals),
        "now": timezone.now(),
        "lately": report_words.lately(days, timezone.now().date()),
        "actions": [(number, item, _action(framed, item)) for number, item in enumerate(actions, 1)],
        "actions_title": report_words.actions_title(len(actions), saved, totals.stored),
        "waiting": common.computed is None or bool(not_compared(scope)),
        "overlapping": any(item.overlaps for item in actions),
        "together": saved,
        "owners": owners,
        "owners_title": report_words.owners_title(owners),
        "owners_naive": sum(owner.naive for owner in owners),
        "owners_stored": sum(owner.stored for owner in owners),
        "owners_fair": sum(owner.fair_cost for owner in owners),
        "days": days[::-1][:DAYS],
        "days_more": len(days) - DAYS,
        "trend": _trend(growth),
        "trend_title": overview_words.trend_title(totals),
    }
    return render(request, "analyzer/report.html", framed.context | context)


def _trend(growth: Sequence[Growth]) -> Mapping[str, Any] | None:
    points = [Point(item.at, item.image.name, item.logical, item.stored) for item in thinned(growth)]
    return trend(points) if points else None


def _action(framed: Frame, item: Picked[Proposal]) -> dict[str, Any]:
    return {
        "title": report_words.title(item.saving),
        "remedy": report_words.remedy(item.saving),
        "address": report_words.address(item.saving, framed.query),
        "overlaps": [place + 1 for place in item.overlaps],
    }


def _twin(
    request: HttpRequest, framed: Frame, totals: Totals, actions: Actions, owners: Sequence[Owner], days: Sequence[Day]
) -> HttpResponse:
    """The table that `part` names; without it the whole as JSON (CSV: the actions)."""
    tables = {
        "ladder": ladder_documents(totals),
        "actions": [_action_document(framed, item) for item in actions],
        "owners": [owner_document(owner) for owner in owners],
        "trend": [day_document(day) for day in days],
    }
    part = request.GET.get("part", "")
    if not part and wanted(request) == "json":
        whole = {
            "scope": scope_document(framed.query),
            "images": totals.images,
            "incomplete": totals.left_out,
            "layers": totals.layers,
            **tables,
            "ladder": {rung.key: rung.size for rung in totals.rungs},
            "together": together(actions),
        }
        return JsonResponse(whole, json_dumps_params={"ensure_ascii": False})
    name = part or "actions"
    if name not in tables:
        raise Http404
    return twin(request, name, tables[name], COLUMNS[name])


def _action_document(framed: Frame, item: Picked[Proposal]) -> dict[str, Any]:
    """`saves`: bytes by diffID; `same_bytes_as`: places, from 1, of greater actions about some of the same layers."""
    told = _action(framed, item)
    return {
        "kind": item.saving.kind,
        "saves": item.saving.size,
        "title": told["title"],
        "remedy": told["remedy"],
        "images": [image.ref for image in item.saving.images],
        "address": told["address"],
        "same_bytes_as": told["overlaps"],
    }


def day_document(day: Day) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "images": day.images,
        "logical": day.logical,
        "new": day.new,
        "logical_after": day.logical_after,
        "stored_after": day.stored_after,
    }


urlpatterns = [path("reuse/report/", report, name="report")]
