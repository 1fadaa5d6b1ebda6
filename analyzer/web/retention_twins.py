"""A team's retention in words, and as JSON and CSV."""

from django.http import HttpRequest, HttpResponse

from analyzer.models import Team
from analyzer.selectors.retention import Plan, plan_of
from analyzer.selectors.retention_runs import daily_document, daily_of, rule_document, run_document, runs_of
from analyzer.units import binary_text, grouped
from analyzer.web.overview_words import counted
from analyzer.web.twins import twin

RULE_COLUMNS = ("id", "pattern", "keep_last", "keep_days", "created")
IMAGE_COLUMNS = (
    *("image_id", "references", "former_references", "pushed", "pattern", "rule"),
    *("size", "freed", "on_disk"),
)
RUN_COLUMNS = ("id", "begun", "finished", "state", "way", "user", "images", "freed", "on_disk", "error")


def plan_title(plan: Plan, has_rules: bool) -> str:
    """`3 of 5 images go, and 12.4 MiB of layers`"""
    if not has_rules:
        return "Nothing goes: there is no rule"
    if not plan.goes:
        return f"None of {counted(plan.held, 'image')} goes"
    goes = "goes" if len(plan.goes) == 1 else "go"
    of = f"{grouped(len(plan.goes))} of {counted(plan.held, 'image')}"
    return f"{of} {goes}, and {binary_text(plan.freed)} of layers"


def retention_twin(request: HttpRequest, team: Team) -> HttpResponse:
    """The part that the request asks for: the rules, the runs, or the images that go with all figures."""
    part = request.GET.get("part")
    if part == "runs":
        return twin(request, "runs", [run_document(each) for each in runs_of(team)], RUN_COLUMNS)
    rules = [rule_document(rule) for rule in team.retention_rules.all()]
    if part == "rules":
        return twin(request, "rules", rules, RULE_COLUMNS, **daily_document(daily_of(team)))
    plan = plan_of(request.user, team)
    return twin(request, "images", [row.as_json() for row in plan.goes], IMAGE_COLUMNS, **plan.as_json(), rules=rules)
