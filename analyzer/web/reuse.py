"""Reuse: what sharing saves in a scope."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from analyzer.web.reuse_frame import frame


@login_required
def reuse(request: HttpRequest) -> HttpResponse:
    return render(request, "analyzer/reuse.html", frame(request).context)


urlpatterns = [path("reuse/", reuse, name="reuse")]
