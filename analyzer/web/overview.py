"""The first page: what images add up to, what sharing saves, what came in."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from analyzer.charts.trend import Point, trend
from analyzer.selectors.access import team_for, teams_of
from analyzer.selectors.arrivals import arrivals_of
from analyzer.selectors.overview import growth_of, shared_layers, thinned, totals_of, wasteful_images
from analyzer.services import quotas
from analyzer.web import overview_words as words
from analyzer.web.add_images import ways_in
from analyzer.web.job_words import arrival_state
from analyzer.web.ladder import ladder_context
from analyzer.web.overview_twins import overview_twin
from analyzer.web.parts import answer, part_asked
from analyzer.web.reuse_frame import frame
from analyzer.web.twins import wanted

ROWS = 7  # of each list; the twins have all


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    framed = frame(request)
    scope, query = framed.scope, framed.query
    team = team_for(request.user, query.team) if query.team else None
    if not scope.images and query.is_everything and not wanted(request):
        return render(request, "analyzer/overview_empty.html", ways_in(request))
    totals = totals_of(scope, patient=bool(wanted(request)) or "count" in request.GET)
    if part_asked(request) == "ladder":
        return answer(request, "_ladder", framed.context | ladder_context(scope, totals))
    lately = arrivals_of(request.user, ROWS, team)
    shared, wasteful, growth = shared_layers(scope), wasteful_images(scope, framed.bases), growth_of(scope)
    if wanted(request):
        return overview_twin(request, query, totals, shared, wasteful, growth, lately)
    context: dict[str, Any] = {
        "team": team,
        "filling": quotas.filling(teams_of(request.user).filter(slug=team.slug) if team else teams_of(request.user)),
        "heading": words.heading(totals),
        "totals": totals,
        "lately": [(item, arrival_state(item)) for item in lately],
        "lately_title": words.lately_title(sum(1 for item in lately if item.card and item.card.active)),
    }
    context |= {
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
    context |= framed.context | ladder_context(scope, totals)
    return answer(request, "overview", context)


urlpatterns = [path("", overview, name="overview")]
