"""One registry: what is watched in it, whether it works, its webhook."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from analyzer.models import Registry, Role
from analyzer.selectors.access import owned_registry_for, registry_for
from analyzer.selectors.registries import is_owned, watch_document, watches_of
from analyzer.services import registries as services
from analyzer.services.registry_access import try_out
from analyzer.services.registry_limits import quiet_sentence
from analyzer.web.addresses import site_of
from analyzer.web.registry_watch_form import WatchForm
from analyzer.web.twins import twin, wanted

COLUMNS = ("id", "repository", "tag", "every_seconds", "paused", "tags", "next_poll", "polled", "error", "created")


@login_required
@require_GET
def registry(request: HttpRequest, registry_id: int) -> HttpResponse:
    """What is known here of the registry; nothing is asked of it before the page is there."""
    found = registry_for(request.user, registry_id)
    if wanted(request):
        return twin(request, "watches", [watch_document(each) for each in watches_of(found)], COLUMNS)
    return render(request, "analyzer/registry.html", shown(request, found))


@login_required
@require_POST
def test(request: HttpRequest, registry_id: int) -> HttpResponse:
    """Asks the registry, and says in one sentence what works; to htmx only that."""
    found = registry_for(request.user, registry_id, Role.UPLOADER)
    works, sentence = try_out(found)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "analyzer/_registry_tested.html", {"works": works, "sentence": sentence})
    (messages.success if works else messages.error)(request, sentence)
    return redirect("registry", found.pk)


@login_required
@require_POST
@never_cache
def hook(request: HttpRequest, registry_id: int) -> HttpResponse:
    """A new secret for the webhook, shown on this answer alone."""
    found = owned_registry_for(request.user, registry_id)
    secret = services.new_hook_secret(found)
    context = shown(request, found)
    whole = f"{context['hook_address']}{secret}/"
    return render(request, "analyzer/registry.html", {**context, "secret": secret, "whole_address": whole})


def shown(request: HttpRequest, found: Registry) -> dict[str, Any]:
    """What the page of a registry shows."""
    site = site_of(request)
    quiet = found.quiet_until is not None and found.quiet_until > timezone.now()
    return {
        "registry": found,
        "owned": is_owned(request.user, found),
        "watches": watches_of(found),
        "plain": settings.REGISTRY_RULES.plain(found.host),
        "quiet": quiet_sentence(found) if quiet else "",
        "hook_address": f"{site}{reverse('registry-hook-in', args=[found.pk])}",
        "watch_form": WatchForm(initial={"tag": "latest"}),
    }


urlpatterns = [
    path("registries/<int:registry_id>/", registry, name="registry"),
    path("registries/<int:registry_id>/test/", test, name="registry-test"),
    path("registries/<int:registry_id>/hook/", hook, name="registry-hook"),
]
