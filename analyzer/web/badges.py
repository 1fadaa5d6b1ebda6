"""Badges: the picture for whoever has its link, and the forms that make and take back such links."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from analyzer.gate.output.badge import CONTENT_TYPE, badge_svg
from analyzer.models import Badge, BadgeShows, Role
from analyzer.selectors.access import image_for, teams_of
from analyzer.selectors.gate_badge import word_of
from analyzer.selectors.gate_page import owned_references
from analyzer.services.badges import drop_badge, make_badge

MOST_DIGITS = 18  # of a primary key


@require_safe
def badge(request: HttpRequest, key: str) -> HttpResponse:
    """The picture. Its link is the only thing that it takes; it tells one word."""
    found = get_object_or_404(Badge.objects.select_related("team"), key=key)
    return HttpResponse(badge_svg(word_of(found)), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-cache"})


@login_required
@require_POST
def make(request: HttpRequest, ref: str) -> HttpResponse:
    """Makes a badge of a reference of the image, in a team that the viewer owns."""
    image = image_for(request.user, ref)
    asked = request.POST.get("reference", "")
    is_key = asked.isdecimal() and len(asked) <= MOST_DIGITS
    reference = owned_references(request.user, image).filter(pk=asked).first() if is_key else None
    if reference is None or request.POST.get("shows") not in BadgeShows.values:
        raise Http404
    make_badge(reference, BadgeShows(request.POST["shows"]), _user(request))
    messages.success(request, f"Whoever has its link sees the badge of {reference.short}.")
    return redirect("image-gate", ref)


@login_required
@require_POST
def drop(request: HttpRequest, ref: str, badge_id: int) -> HttpResponse:
    """Takes a badge back."""
    image_for(request.user, ref)
    found = get_object_or_404(Badge, pk=badge_id, team__in=teams_of(request.user, Role.OWNER))
    drop_badge(found)
    messages.success(request, "The badge's link shows nothing any more.")
    return redirect("image-gate", ref)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    return request.user


urlpatterns = [
    path("badges/<str:key>.svg", badge, name="badge"),
    path("images/<image_ref:ref>/gate/badges/", make, name="badge-make"),
    path("images/<image_ref:ref>/gate/badges/<int:badge_id>/drop/", drop, name="badge-drop"),
]
