"""Tokens: made here, shown once, revoked here."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from analyzer.models import Team, TokenScope
from analyzer.selectors.access import teams_of
from analyzer.services import tokens as services
from analyzer.web.add_images import curl_line


class NewToken(forms.Form):
    """What a token is for, and how much of what its owner may do it may do, where, and until when."""

    name = forms.CharField(max_length=100, error_messages={"required": "Say what the token is for."})
    scope = forms.TypedChoiceField(choices=TokenScope.choices, coerce=TokenScope, initial=TokenScope.UPLOAD)
    team = forms.ModelChoiceField(Team.objects.none(), to_field_name="slug", required=False)
    days = forms.TypedChoiceField(
        choices=[(days, days) for days in (*services.DAYS, "")], coerce=int, required=False, initial=90
    )

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)  # noqa: S101 - declared above
        team.queryset = teams_of(user)

    def issue(self, user: User) -> str:
        """The text of a new token, once all is valid."""
        asked = self.cleaned_data
        expires = timezone.now() + timedelta(days=asked["days"]) if asked["days"] else None
        return services.issue_token(user, asked["name"], asked["scope"], asked["team"], expires)[1]


@login_required
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """The viewer's own tokens. The answer to the form shows the new one's text; nothing ever shows it again."""
    asked = NewToken(_user(request), request.POST or None)
    text = ""
    if request.method == "POST" and asked.is_valid():
        text = asked.issue(_user(request))
        asked = NewToken(_user(request), None)
    context = {
        "form": asked,
        "text": text,
        "held": services.tokens_of(_user(request)),
        "curl": curl_line(request),
        "scopes": TokenScope.choices,
        "days": services.DAYS,
    }
    status = 400 if request.method == "POST" and not text else 200
    return render(request, "analyzer/tokens.html", context, status=status)


@login_required
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Asks first; a POST revokes."""
    token = get_object_or_404(services.tokens_of(_user(request)), pk=token_id)
    if request.method != "POST":
        return render(request, "analyzer/token_revoke.html", {"token": token})
    services.revoke_token(token)
    messages.success(request, f"{token.name} was revoked; what bears it is refused from now on.")
    return redirect("tokens")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    return request.user


urlpatterns = [
    path("tokens/", tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", revoke, name="token-revoke"),
]
