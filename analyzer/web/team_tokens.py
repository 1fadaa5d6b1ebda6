"""The tokens of a team: made by its owners, shown once, revoked on the team's page."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from analyzer.models import Role, TokenScope
from analyzer.selectors.access import team_for, team_token_for
from analyzer.selectors.teams import token_documents
from analyzer.services import tokens as services
from analyzer.web.teams import team_page
from analyzer.web.twins import twin, wanted

COLUMNS = ("id", "name", "begins_with", "scope", "team", "made_by", "created", "expires", "last_used")


class NewTeamToken(forms.Form):
    name = forms.CharField(max_length=100)
    scope = forms.TypedChoiceField(choices=services.TEAM_SCOPES, coerce=TokenScope)
    days = forms.TypedChoiceField(choices=[(days, days) for days in (*services.DAYS, "")], coerce=int, required=False)


@login_required
@never_cache
def tokens(request: HttpRequest, slug: str) -> HttpResponse:
    """The answer to the form shows the new token's text; nothing ever shows it again."""
    team = team_for(request.user, slug, Role.OWNER)
    if request.method != "POST":
        if wanted(request):
            return twin(request, "tokens", token_documents(team), COLUMNS)
        return redirect(reverse("team", args=[slug]) + "#tokens")
    form = NewTeamToken(request.POST)
    if not form.is_valid():
        return team_page(request, team, token_form=form, status=400)
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    asked = form.cleaned_data
    expires = timezone.now() + timedelta(days=asked["days"]) if asked["days"] else None
    _, text = services.issue_team_token(team, request.user, asked["name"], asked["scope"], expires)
    return team_page(request, team, token_text=text)


@login_required
def revoke(request: HttpRequest, slug: str, team_token_id: int) -> HttpResponse:
    """Asks first; a POST revokes."""
    token, back = team_token_for(request.user, slug, team_token_id), reverse("team", args=[slug])
    if request.method != "POST":
        return render(request, "analyzer/token_revoke.html", {"token": token, "back": back})
    services.revoke_token(token)
    messages.success(request, f"{token.name} was revoked; what bears it is refused from now on.")
    return redirect(back)


urlpatterns = [
    path("teams/<slug:slug>/tokens/", tokens, name="team-tokens"),
    path("teams/<slug:slug>/tokens/<int:team_token_id>/revoke/", revoke, name="team-token-revoke"),
]
