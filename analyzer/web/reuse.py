"""Reuse: what sharing saves in a scope."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from analyzer.selectors.sharing_report import sharing_report
from analyzer.web.reuse_frame import frame
from analyzer.web.twins import wanted


@login_required
def reuse(request: HttpRequest) -> HttpResponse:
    held = frame(request)
    if wanted(request) == "json":
        teams = [team for team in held.teams if held.query.team in ("", team.slug)]
        report = sharing_report(held.scope, held.query, held.bases, teams)
        return JsonResponse(report, json_dumps_params={"ensure_ascii": False})
    return render(request, "analyzer/reuse.html", held.context)


urlpatterns = [path("reuse/", reuse, name="reuse")]
