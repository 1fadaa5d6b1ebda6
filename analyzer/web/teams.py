"""Teams: one's own, who is in each and as what; inviting, leaving, taking somebody out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analyzer.models import Role, Team
from analyzer.selectors.access import invitation_for, member_for, members_of, own_membership, team_for, team_tokens
from analyzer.selectors.teams import member_documents, my_teams, open_invitations, team_documents
from analyzer.services import invitations, members, quotas
from analyzer.services.tokens import DAYS as TOKEN_DAYS
from analyzer.services.tokens import TEAM_SCOPES
from analyzer.web.addresses import site_of
from analyzer.web.twins import twin, wanted

ROLES = (
    (Role.VIEWER.value, "viewer: sees all that the team holds"),
    (Role.UPLOADER.value, "uploader: also adds images"),
    (Role.OWNER.value, "owner: also deletes, and decides about people"),
)
TEAM_COLUMNS = ("team", "name", "role", "people", "images", "created")
MEMBER_COLUMNS = ("name", "role")


class Invite(forms.Form):
    role = forms.ChoiceField(choices=ROLES)
    note = forms.CharField(max_length=100, required=False)
    days = forms.TypedChoiceField(choices=[(days, days) for days in invitations.DAYS], coerce=int)


class Change(forms.Form):
    role = forms.ChoiceField(choices=ROLES)


@login_required
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    if wanted(request):
        return twin(request, "teams", team_documents(request.user), TEAM_COLUMNS)
    return render(request, "analyzer/teams.html", {"teams": my_teams(request.user)})


@login_required
@require_safe
@never_cache
def team(request: HttpRequest, slug: str) -> HttpResponse:
    found = team_for(request.user, slug)
    if wanted(request):
        used = [each.as_json() for each in quotas.used_of(found)]
        return twin(request, "members", member_documents(found), MEMBER_COLUMNS, quotas=used)
    return team_page(request, found)


@login_required
@require_POST
@never_cache
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """The answer shows the link of the new invitation; nothing ever shows it again."""
    found = team_for(request.user, slug, Role.OWNER)
    form = Invite(request.POST)
    if not form.is_valid():
        return team_page(request, found, invite_form=form, status=400)
    asked = form.cleaned_data
    made, text = invitations.invite(found, _user(request), Role(asked["role"]), asked["note"], asked["days"])
    link = site_of(request) + reverse("invitation", args=[text])
    return team_page(request, found, made=made, link=link)


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, invitation_id: int) -> HttpResponse:
    invitation_for(request.user, slug, invitation_id).delete()
    messages.success(request, "The invitation is withdrawn: its link leads nowhere now.")
    return redirect("team", slug)


@login_required
@require_POST
def role(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    member, form = member_for(request.user, slug, user_id), Change(request.POST)
    if not form.is_valid():
        messages.error(request, "A member is a viewer, an uploader or an owner.")
        return redirect("team", slug)
    try:
        members.set_role(member, Role(form.cleaned_data["role"]))
    except members.LastOwner as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{member.user} is {member.get_role_display().lower()} now.")
    return redirect("team", slug)


@login_required
def remove(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    """Asks first; a POST takes the member out."""
    member = member_for(request.user, slug, user_id)
    return _leave(request, member, mine=member.user_id == request.user.pk)


@login_required
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks first; a POST leaves."""
    return _leave(request, own_membership(request.user, slug), mine=True)


def _leave(request: HttpRequest, member: Any, mine: bool) -> HttpResponse:
    if request.method != "POST":
        return render(request, "analyzer/team_leave.html", {"member": member, "team": member.team, "mine": mine})
    try:
        members.remove(member)
    except members.LastOwner as refused:
        messages.error(request, str(refused))
        return redirect("team", member.team.slug)
    messages.success(request, f"{'You are' if mine else f'{member.user} is'} no longer in {member.team}.")
    return redirect("teams") if mine else redirect("team", member.team.slug)


def team_page(request: HttpRequest, found: Team, *, status: int = 200, **more: Any) -> HttpResponse:
    """All of a team's page; `more` is what the form that was sent has to say."""
    rows = list(members_of(found))
    own = next((row.role for row in rows if row.user_id == request.user.pk), "")
    owned = own == Role.OWNER
    used = quotas.used_of(found)
    context = {
        "team": found,
        "members": rows,
        "own": own,
        "owned": owned,
        "roles": ROLES,
        "filling": [each for each in used if each.is_filling],
        "quotas": used,
        "quotas_title": f"{used[0].percent} % of the quota is used" if used else "",
        "days": invitations.DAYS,
        "open": open_invitations(found) if owned else (),
        "tokens": team_tokens(found) if owned else (),
        "scopes": TEAM_SCOPES,
        "token_days": TOKEN_DAYS,
        **more,
    }
    return render(request, "analyzer/team.html", context, status=status)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    return request.user


urlpatterns = [
    path("teams/", teams, name="teams"),
    path("teams/<slug:slug>/", team, name="team"),
    path("teams/<slug:slug>/invite/", invite, name="team-invite"),
    path("teams/<slug:slug>/invitations/<int:invitation_id>/withdraw/", withdraw, name="invitation-withdraw"),
    path("teams/<slug:slug>/members/<int:user_id>/role/", role, name="member-role"),
    path("teams/<slug:slug>/members/<int:user_id>/remove/", remove, name="member-remove"),
    path("teams/<slug:slug>/leave/", leave, name="team-leave"),
]
