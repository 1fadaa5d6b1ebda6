"""Following an invitation: with the account one has, or with a new one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from analyzer.services.guessing import remember_browser
from analyzer.services.invitations import InvitationGone, accept, invitation_of
from analyzer.web import doors

BACKEND = "django.contrib.auth.backends.ModelBackend"


class NewAccount(UserCreationForm):  # type: ignore[type-arg]
    """A name and a password; the address is for who forgets the password."""

    class Meta:
        model = User
        fields = ("username", "email")
        labels = {"username": "Name", "email": "Mail address"}


@never_cache
@sensitive_post_parameters("password1", "password2")
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Who has no account makes one here; nobody gets one in another way than by being invited."""
    try:
        found = invitation_of(secret)
        if isinstance(request.user, User):
            if request.method != "POST":
                return render(request, "analyzer/invitation.html", {"invitation": found, "secret": secret})
            accept(found, request.user)
            return _welcome(request, found.team.slug, f"You are in {found.team} now.")
        form = NewAccount(request.POST or None, label_suffix="")
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                user = form.save()
                accept(found, user)
            login(request, user, BACKEND)
            welcome = _welcome(request, found.team.slug, f"Welcome, {user}. You are in {found.team}.")
            remember_browser(welcome, user)
            return welcome
    except InvitationGone as gone:
        return render(request, "analyzer/invitation_gone.html", {"sentence": str(gone)}, status=404)
    context: dict[str, Any] = {"invitation": found, "secret": secret, "form": form}
    return render(request, "analyzer/invitation.html", context, status=400 if form.errors else 200)


def _welcome(request: HttpRequest, slug: str, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("team", slug)


urlpatterns = [path("invitations/<str:secret>/", doors.link(invitation), name="invitation")]
