"""Retention of a team: its rules, what they would let go now, and when they did."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analyzer.models import RetentionRule, Role, Team
from analyzer.selectors.access import retention_rule_for, team_for
from analyzer.selectors.retention import plan_of
from analyzer.selectors.retention_runs import by_whom, daily_of, runs_of, state_of
from analyzer.services import retention as services
from analyzer.services.retention_rules import LONGEST, BadRule, set_daily, write_rule
from analyzer.web.jobs import STOP_POLLING
from analyzer.web.overview_words import counted
from analyzer.web.parts import part_asked
from analyzer.web.retention_twins import plan_title, retention_twin
from analyzer.web.twins import wanted

MOST = 200  # images that are listed; the twins have all
MOST_GONE = 30  # of each run


class RuleForm(forms.Form):
    """What the service holds it to is said there."""

    pattern = forms.CharField(max_length=LONGEST)
    keep_last = forms.IntegerField(required=False)
    keep_days = forms.IntegerField(required=False)


@login_required
@require_safe
@never_cache
def retention(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; to htmx the runs alone, while one is at work."""
    team = team_for(request.user, slug)
    if part_asked(request) == "runs":
        return _runs_alone(request, team)
    if wanted(request):
        return retention_twin(request, team)
    return _page(request, team)


@login_required
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    team = team_for(request.user, slug, Role.OWNER)
    form = RuleForm(request.POST)
    rule = _written(form, RetentionRule(team=team))
    if rule is None:
        return _page(request, team, form=form, status=400)
    messages.success(request, f"The rule {rule} is kept. Nothing goes before it is carried out.")
    return redirect("retention", slug)


@login_required
@never_cache
def edit(request: HttpRequest, slug: str, rule_id: int) -> HttpResponse:
    rule = retention_rule_for(request.user, slug, rule_id)
    before = {"pattern": rule.pattern, "keep_last": rule.keep_last, "keep_days": rule.keep_days}
    form = RuleForm(request.POST if request.method == "POST" else None, initial=before)
    if request.method == "POST" and _written(form, rule) is not None:
        messages.success(request, f"The rule is {rule} now.")
        return redirect("retention", slug)
    context = {"team": rule.team, "rule_id": rule_id, "was": before["pattern"], "form": form}
    return render(request, "analyzer/retention_rule.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, rule_id: int) -> HttpResponse:
    rule = retention_rule_for(request.user, slug, rule_id)
    rule.delete()
    messages.success(request, f"The rule {rule} is no more.")
    return redirect("retention", slug)


@login_required
@require_POST
def daily(request: HttpRequest, slug: str) -> HttpResponse:
    team = team_for(request.user, slug, Role.OWNER)
    turned_on = request.POST.get("daily") == "on"
    set_daily(team, turned_on)
    by_itself = (
        "are carried out once a day, the first time in 24 hours" if turned_on else "wait for somebody to run them"
    )
    messages.success(request, f"The rules {by_itself}.")
    return redirect("retention", slug)


@login_required
@require_POST
def run(request: HttpRequest, slug: str) -> HttpResponse:
    """Begins a run, once the very list that was shown is confirmed by the team's short name."""
    team = team_for(request.user, slug, Role.OWNER)
    plan = plan_of(request.user, team)
    if not plan.goes or request.POST.get("key") != plan.key:
        return _refused(request, team, "Something came or went since this was listed. This is what goes now.")
    if request.POST.get("word", "").strip() != team.slug:
        return _refused(request, team, f"Type {team.slug} to confirm. Nothing was deleted.")
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    try:
        services.ask(team, request.user, plan)
    except services.AtWork:
        return _refused(request, team, "A run is at work already; look again once it is over.")
    messages.success(request, f"A worker lets {counted(len(plan.goes), 'image')} go.")
    return redirect("retention", slug)


def _refused(request: HttpRequest, team: Team, why: str) -> HttpResponse:
    messages.warning(request, why)
    return _page(request, team, status=409)


def _written(form: RuleForm, rule: RetentionRule) -> RetentionRule | None:
    """The rule as it was entered; None where that is none, which the form then says."""
    if not form.is_valid():
        return None
    try:
        return write_rule(rule, **form.cleaned_data)
    except BadRule as bad:
        form.add_error(None, str(bad))
        return None


def _page(request: HttpRequest, team: Team, *, status: int = 200, form: RuleForm | None = None) -> HttpResponse:
    plan, rules = plan_of(request.user, team), list(team.retention_rules.all())
    lets_go: dict[int, list[int]] = {}
    for going in plan.goes:
        lets_go.setdefault(going.rule.pk, []).append(going.freed)
    context = {
        "team": team,
        "rules": [(rule, len(freed), sum(freed)) for rule in rules for freed in (lets_go.get(rule.pk, ()),)],
        "form": form or RuleForm(),
        "plan": plan,
        "plan_title": plan_title(plan, bool(rules)),
        "images": plan.goes[:MOST],
        "images_more": len(plan.goes) - MOST,
        "in_use": plan.in_use[:MOST],
        "daily": daily_of(team),
        **_runs(team),
    }
    return render(request, "analyzer/retention.html", context, status=status)


def _runs(team: Team) -> dict[str, Any]:
    rows = runs_of(team)
    return {
        "runs": [(run, state_of(run), by_whom(run), run.gone[:MOST_GONE], run.images - MOST_GONE) for run in rows],
        "at_work": any(run.finished is None for run in rows),
    }


def _runs_alone(request: HttpRequest, team: Team) -> HttpResponse:
    """Once none is at work the page as a whole is another one, and is loaded anew."""
    context = _runs(team)
    response = render(request, "analyzer/_retention_runs.html", {"team": team, **context})
    if not context["at_work"]:
        response.status_code, response["HX-Refresh"] = STOP_POLLING, "true"
    response["Vary"] = "HX-Request, HX-Target, Cookie"
    return response


urlpatterns = [
    path("teams/<slug:slug>/retention/", retention, name="retention"),
    path("teams/<slug:slug>/retention/rules/", add, name="retention-rule-add"),
    path("teams/<slug:slug>/retention/rules/<int:rule_id>/", edit, name="retention-rule"),
    path("teams/<slug:slug>/retention/rules/<int:rule_id>/remove/", remove, name="retention-rule-remove"),
    path("teams/<slug:slug>/retention/daily/", daily, name="retention-daily"),
    path("teams/<slug:slug>/retention/run/", run, name="retention-run"),
]
