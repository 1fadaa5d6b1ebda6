"""What the figures mean, for who reads them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from analyzer.web.figures_words import GROUPS


@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    return render(request, "analyzer/figures.html", {"groups": GROUPS})


urlpatterns = [path("help/figures/", figures, name="figures")]
