"""The first page: what images add up to, what sharing saves, what came in."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from analyzer.charts.ladder import MOST_LAYERS, Bar, Piece, ladder, ladder_height
from analyzer.charts.trend import Point, trend
from analyzer.selectors.access import team_for, teams_of
from analyzer.selectors.arrivals import arrivals_of
from analyzer.selectors.bases import bases_of
from analyzer.selectors.overview import (
    Rung,
    Totals,
    growth_of,
    shared_layers,
    thinned,
    totals_of,
    uses_of,
    wasteful_images,
)
from analyzer.selectors.scope import Scope, held_by, scope_of
from analyzer.web import overview_words as words
from analyzer.web.add_images import ways_in
from analyzer.web.job_words import arrival_state
from analyzer.web.overview_twins import overview_twin
from analyzer.web.twins import wanted

ROWS = 7  # of each list; the twins have all
LABELS = {
    "naive": ("naive", "image sizes added up"),
    "chains": ("unique chains", "what an engine's disk holds, by chainID"),
    "layers": ("unique layers", "what layersite stores, by diffID"),
    "contents": ("unique contents", "files stored once, by sha256"),
}


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request.user)
    bases = bases_of(scope)
    teams = list(teams_of(request.user))
    team = team_for(request.user, request.GET["team"]) if request.GET.get("team") else None
    if team is not None:
        scope = scope.among(held_by(request.user, team))
    if not scope.images and team is None and not wanted(request):
        return render(request, "analyzer/overview_empty.html", ways_in(request))
    lately = arrivals_of(request.user, ROWS, team)
    totals = totals_of(scope, patient=bool(wanted(request)) or "count" in request.GET)
    shared, wasteful, growth = shared_layers(scope), wasteful_images(scope, bases), growth_of(scope)
    if wanted(request):
        return overview_twin(request, team, totals, shared, wasteful, growth, lately)
    context: dict[str, Any] = {
        "teams": teams,
        "team": team,
        "heading": words.heading(totals),
        "totals": totals,
        "lately": [(item, arrival_state(item)) for item in lately],
        "lately_title": words.lately_title(sum(1 for item in lately if item.card and item.card.active)),
    }
    bars = _bars(scope, totals)
    context |= {
        "ladder": ladder(bars),
        "ladder_height": ladder_height(bars),
        "ladder_label": _ladder_label(totals),
        "ladder_title": words.ladder_title(totals),
        "ladder_note": words.ladder_note(totals, max(uses_of(scope).values(), default=0)),
        "rungs": [_figures(rung, totals) for rung in totals.rungs],
        "shared": shared[:ROWS],
        "shared_more": len(shared) - ROWS,
        "shared_title": words.shared_title(shared, totals.saved),
        "wasteful": wasteful[:ROWS],
        "wasteful_more": len(wasteful) - ROWS,
        "waste_title": words.waste_title(wasteful),
        "growth": growth[::-1][:50],
        "trend": trend([Point(item.at, item.image.name, item.logical, item.stored) for item in thinned(growth)])
        if growth
        else None,
        "trend_title": words.trend_title(totals),
    }
    return render(request, "analyzer/overview.html", context)


def _bars(scope: Scope, totals: Totals) -> list[Bar]:
    """The ladder's bars: layers by the bytes that all their uses add up to, the most first."""
    uses = uses_of(scope)
    order = sorted(uses, key=lambda pk: (-scope.layers[pk].size * uses[pk], scope.layers[pk].diff_id))
    chained = dict.fromkeys(order, 0)
    for chain in {chain for image in scope.whole for chain in image.chains}:
        chained[scope.chains[chain].layer] += 1
    times: dict[str, Mapping[int, int]] = {"naive": uses, "chains": chained, "layers": dict.fromkeys(order, 1)}
    drawn = [(pk, scope.layers[pk], reverse("layer", args=[scope.layers[pk].diff_id])) for pk in order[:MOST_LAYERS]]
    bars = []
    for rung in totals.rungs:
        if rung.size is None:
            continue
        counts = times.get(rung.key)
        pieces = [Piece(layer.diff_id, layer.size, counts[pk], link) for pk, layer, link in drawn] if counts else []
        others = len(order) - len(drawn) if counts else 0
        bars.append(Bar(*LABELS[rung.key], rung.size, pieces, others))
    return bars


def _figures(rung: Rung, totals: Totals) -> tuple[Rung, str, str, int | None]:
    """The rung with its label, ratio and saving."""
    ratio = f"{totals.naive / rung.size:.2f}" if rung.size else "–"
    return rung, LABELS[rung.key][0], ratio, None if rung.size is None else totals.naive - rung.size


def _ladder_label(totals: Totals) -> str:
    steps = (f"{LABELS[rung.key][0]} {rung.size:,} bytes" for rung in totals.rungs if rung.size is not None)
    return "Dedup ladder: " + ", ".join(steps)


urlpatterns = [path("", overview, name="overview")]
