"""Registries: the list; adding, changing and deleting one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from analyzer.selectors.access import owned_registry_for, teams_owned_by
from analyzer.selectors.registries import kept_registries, registry_document
from analyzer.services import registries as services
from analyzer.web.registry_forms import RegistryForm
from analyzer.web.twins import twin, wanted

COLUMNS = ("id", "name", "team", "host", "username", "has_password", "has_webhook", "watches", "quiet_until", "created")


@login_required
@require_GET
def registries(request: HttpRequest) -> HttpResponse:
    kept = kept_registries(request.user)
    if wanted(request):
        return twin(request, "registries", [registry_document(each) for each in kept], COLUMNS)
    context = {"kept": kept, "owns": teams_owned_by(request.user).exists()}
    return render(request, "analyzer/registries.html", context)


@login_required
@never_cache
@sensitive_post_parameters("password")
def add(request: HttpRequest) -> HttpResponse:
    """Only who owns a team adds a registry to it."""
    teams = teams_owned_by(request.user)
    if not teams:
        raise Http404
    form = RegistryForm(request.POST or None, teams=teams)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_registry(team=form.cleaned_data["team"], user=_user(request), entered=form.entered)
        except services.BadRegistry as bad:
            form.add_error(bad.field, str(bad))
        else:
            messages.success(request, f"{made.name} is kept. Test it, then browse what it has.")
            return redirect("registry", made.pk)
    status = 400 if form.errors else 200
    return render(request, "analyzer/registry_form.html", {"form": form, "one_team": len(teams) == 1}, status=status)


@login_required
@never_cache
@sensitive_post_parameters("password")
def edit(request: HttpRequest, registry_id: int) -> HttpResponse:
    registry = owned_registry_for(request.user, registry_id)
    before = {"name": registry.name, "host": registry.host, "username": registry.username}
    form = RegistryForm(request.POST or None, initial=before, kept=registry.has_password)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_registry(registry, form.entered)
        except services.BadRegistry as bad:
            form.add_error(bad.field, str(bad))
        else:
            messages.success(request, f"{registry.name} was changed.")
            return redirect("registry", registry.pk)
    context = {"form": form, "registry": registry, "was_called": before["name"]}
    return render(request, "analyzer/registry_form.html", context, status=400 if form.errors else 200)


@login_required
def delete(request: HttpRequest, registry_id: int) -> HttpResponse:
    """Asks first; a POST deletes."""
    registry = owned_registry_for(request.user, registry_id)
    if request.method != "POST":
        context = {"registry": registry, "watches": registry.watches.count()}
        return render(request, "analyzer/registry_delete.html", context)
    registry.delete()
    messages.success(request, f"{registry.name} and its password are forgotten; the images that came from it stay.")
    return redirect("registries")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    return request.user


urlpatterns = [
    path("registries/", registries, name="registries"),
    path("registries/add/", add, name="registry-add"),
    path("registries/<int:registry_id>/edit/", edit, name="registry-edit"),
    path("registries/<int:registry_id>/delete/", delete, name="registry-delete"),
]
