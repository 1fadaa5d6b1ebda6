"""Webhooks of a team, for its owners: which programs are told of what, and each call with its answer."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from analyzer.models import DeliveryState, Role, Team, Webhook, WebhookEvent
from analyzer.selectors.access import delivery_for, team_for, webhook_for
from analyzer.selectors.webhooks import deliveries_of, delivery_document, webhook_document, webhooks_of
from analyzer.services import webhooks as services
from analyzer.web.jobs import STOP_POLLING
from analyzer.web.parts import part_asked
from analyzer.web.twins import twin, wanted

PAGE = 50
HOOK_COLUMNS = (
    *("id", "url", "events", "paused", "failures", "quiet_until"),
    *("delivered", "waiting", "failed", "tried", "created"),
)
COLUMNS = ("id", "event", "about", "state", "attempts", "status", "error", "created", "tried", "due")
STATES = {DeliveryState.DELIVERED: "done", DeliveryState.FAILED: "failed", DeliveryState.WAITING: "running"}


@login_required
@require_safe
@never_cache
def webhooks(request: HttpRequest, slug: str) -> HttpResponse:
    team = team_for(request.user, slug, Role.OWNER)
    if wanted(request):
        return twin(request, "webhooks", [webhook_document(each) for each in webhooks_of(team)], HOOK_COLUMNS)
    return _list(request, team)


@login_required
@require_POST
@never_cache
@sensitive_variables("secret")
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """The answer shows the secret of the new webhook; nothing ever shows it again."""
    team = team_for(request.user, slug, Role.OWNER)
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    url, events = request.POST.get("url", ""), request.POST.getlist("event")
    try:
        hook, secret = services.add(team, request.user, url, events)
    except services.BadWebhook as bad:
        return _list(request, team, status=400, refused=str(bad), url=url, chosen=events)
    return _page(request, hook, secret=secret)


@login_required
@never_cache
@sensitive_variables("secret")
def webhook(request: HttpRequest, slug: str, webhook_id: int) -> HttpResponse:
    """The page; to htmx the calls alone, while some wait. A POST changes what it is told of."""
    hook = webhook_for(request.user, slug, webhook_id)
    if request.method == "POST":
        return _changed(request, hook)
    if part_asked(request) == "calls":
        context = _calls(request, hook)
        status = 200 if context["live"] else STOP_POLLING
        return render(request, "analyzer/_webhook_calls.html", context, status=status)
    if wanted(request):
        rows = [delivery_document(row) for row in deliveries_of(hook)]
        return twin(request, "deliveries", rows, COLUMNS)
    return _page(request, hook)


@login_required
@require_POST
@never_cache
@sensitive_variables("secret")
def renew(request: HttpRequest, slug: str, webhook_id: int) -> HttpResponse:
    """A new secret, shown on this answer alone."""
    hook = webhook_for(request.user, slug, webhook_id)
    secret = services.renew(hook)
    return _page(request, hook, secret=secret)


@login_required
@require_POST
def ping(request: HttpRequest, slug: str, webhook_id: int) -> HttpResponse:
    services.ping(webhook_for(request.user, slug, webhook_id))
    messages.success(request, "It is called now: what it answers stands below in a moment.")
    return redirect("webhook", slug, webhook_id)


@login_required
@require_POST
def again(request: HttpRequest, slug: str, webhook_id: int, delivery_id: UUID) -> HttpResponse:
    services.send_again(delivery_for(request.user, slug, webhook_id, delivery_id))
    messages.success(request, "It is sent again, under the same ID.")
    return redirect("webhook", slug, webhook_id)


@login_required
def remove(request: HttpRequest, slug: str, webhook_id: int) -> HttpResponse:
    """Asks first; a POST removes it."""
    hook = webhook_for(request.user, slug, webhook_id)
    if request.method != "POST":
        return render(request, "analyzer/webhook_remove.html", {"team": hook.team, "hook": hook})
    hook.delete()
    messages.success(request, f"{hook.host} is told of nothing any more.")
    return redirect("webhooks", slug)


def _changed(request: HttpRequest, hook: Webhook) -> HttpResponse:
    try:
        services.change(hook, request.POST.getlist("event"), paused=bool(request.POST.get("paused")))
    except services.BadWebhook as bad:
        return _page(request, hook, status=400, refused=str(bad))
    messages.success(request, f"{hook.host} is {'paused' if hook.paused else 'told of what you chose'}.")
    return redirect("webhook", hook.team.slug, hook.pk)


def _list(
    request: HttpRequest, team: Team, *, status: int = 200, chosen: Iterable[str] = services.CHOSEN, **more: Any
) -> HttpResponse:
    context = {"team": team, "hooks": webhooks_of(team), "events": _events(chosen), **more}
    return render(request, "analyzer/webhooks.html", context, status=status)


def _page(request: HttpRequest, hook: Webhook, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {**_calls(request, hook), "events": _events(hook.events), **more}
    return render(request, "analyzer/webhook.html", context, status=status)


def _calls(request: HttpRequest, hook: Webhook) -> dict[str, Any]:
    page = Paginator(deliveries_of(hook), PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    return {
        "team": hook.team,
        "hook": hook,
        "page": page,
        "calls": [
            (row, STATES[DeliveryState(row.state)], json.dumps(row.document, indent=1, ensure_ascii=False))
            for row in page
        ],
        "live": any(row.due is not None and not row.error for row in page),
        "left_alone": hook.quiet_until if hook.quiet_until and hook.quiet_until > now else None,
    }


def _events(chosen: Iterable[str]) -> list[tuple[str, str, bool]]:
    on = set(chosen)
    return [(str(event), WebhookEvent(event).label, event in on) for event in services.CHOSEN]


urlpatterns = [
    path("teams/<slug:slug>/webhooks/", webhooks, name="webhooks"),
    path("teams/<slug:slug>/webhooks/add/", add, name="webhook-add"),
    path("teams/<slug:slug>/webhooks/<int:webhook_id>/", webhook, name="webhook"),
    path("teams/<slug:slug>/webhooks/<int:webhook_id>/secret/", renew, name="webhook-secret"),
    path("teams/<slug:slug>/webhooks/<int:webhook_id>/ping/", ping, name="webhook-ping"),
    path("teams/<slug:slug>/webhooks/<int:webhook_id>/remove/", remove, name="webhook-remove"),
    path(
        "teams/<slug:slug>/webhooks/<int:webhook_id>/deliveries/<uuid:delivery_id>/again/", again, name="delivery-again"
    ),
]
