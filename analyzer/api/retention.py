"""Retention of a team: its rules, what they let go now, runs; and how much of its quotas is used."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema

from analyzer.api.auth import person, viewer
from analyzer.api.problems import Problem
from analyzer.models import RetentionRule, Role
from analyzer.selectors.access import retention_rule_for, team_for
from analyzer.selectors.retention import plan_of
from analyzer.selectors.retention_runs import daily_document, daily_of, rule_document, run_document, runs_of
from analyzer.services import quotas, retention
from analyzer.services.retention_rules import BadRule, write_rule

router = Router(tags=["teams"])
BIGGEST = 2**31 - 1


class RuleIn(Schema):
    pattern: str = Field(max_length=300, description="A glob of references (`app:*`) or of tags alone (`1.*`).")
    keep_last: int | None = Field(None, ge=1, le=BIGGEST, description="Images of each repository.")
    keep_days: int | None = Field(None, ge=1, le=BIGGEST, description="Since they were pushed.")


class RuleOut(Schema):
    id: int
    pattern: str
    keep_last: int | None
    keep_days: int | None
    created: str


class GoingOut(Schema):
    image_id: str
    ref: str
    references: list[str]
    former_references: list[str]
    pushed: str
    pattern: str
    rule: str
    size: int | None
    freed: int = Field(description="Bytes of layers, by diffID, after those of the images before it.")
    on_disk: int = Field(description="Bytes of their blobs.")


class RunOut(Schema):
    id: int
    begun: str
    finished: str | None
    state: str = Field(description="running, done or failed.")
    way: str = Field(description="page, daily or command.")
    user: str | None
    images: int
    freed: int
    on_disk: int
    error: str | None
    gone: list[dict[str, Any]] = Field(description="The first 200 images that went.")


class RetentionOut(Schema):
    rules: list[RuleOut]
    daily: bool
    ran: str | None
    due: str | None = Field(description="When it begins by itself; null where it does not, or begins now.")
    key: str = Field(description="Of the list of images that go: what a run agrees to.")
    at: str
    held: int = Field(description="Images of the team.")
    freed: int
    on_disk: int
    in_use: list[str] = Field(description="Images that stay only since others stand on them.")
    images: list[GoingOut]
    runs: list[RunOut]


class RunIn(Schema):
    key: str = Field(max_length=64, description="Of the list as it was read.")


class QuotaOut(Schema):
    of: str = Field(description="stored or fair_cost.")
    limit: int = Field(description="Bytes.")
    used: int | None = Field(description="Bytes; null of a fair cost.")
    percent: int


@router.get("/{slug:team}/quotas/", response=list[QuotaOut], url_name="api-quotas", summary="Quotas of a team")
def list_quotas(request: HttpRequest, team: str) -> HttpResponse:
    """That which is used the most first; none where an administrator set none."""
    return JsonResponse([used.as_json() for used in quotas.used_of(team_for(viewer(request), team))], safe=False)


@router.get("/{slug:team}/retention/", response=RetentionOut, url_name="api-retention", summary="Retention of a team")
def get_retention(request: HttpRequest, team: str) -> HttpResponse:
    """What the rules let go at this moment; nothing is deleted by asking."""
    found = team_for(viewer(request), team)
    plan = plan_of(viewer(request), found)
    document = {
        "rules": [rule_document(rule) for rule in found.retention_rules.all()],
        **daily_document(daily_of(found)),
        "key": plan.key,
        **plan.as_json(),
        "images": [row.as_json() for row in plan.goes],
        "runs": [run_document(run) for run in runs_of(found)],
    }
    return JsonResponse(document)


@router.post("/{slug:team}/retention/rules/", response={201: RuleOut}, url_name="api-rules", summary="Add a rule")
def add_rule(request: HttpRequest, team: str, entered: RuleIn) -> HttpResponse:
    """For owners. Nothing goes before the rules are carried out."""
    rule = RetentionRule(team=team_for(viewer(request), team, Role.OWNER))
    return JsonResponse(rule_document(_written(rule, entered)), status=201)


@router.put(
    "/{slug:team}/retention/rules/{int:rule_id}/", response=RuleOut, url_name="api-rule", summary="Change a rule"
)
def change_rule(request: HttpRequest, team: str, rule_id: int, entered: RuleIn) -> HttpResponse:
    """For owners."""
    return JsonResponse(rule_document(_written(retention_rule_for(viewer(request), team, rule_id), entered)))


@router.delete("/{slug:team}/retention/rules/{int:rule_id}/", response={204: None}, summary="Remove a rule")
def remove_rule(request: HttpRequest, team: str, rule_id: int) -> HttpResponse:
    """For owners. No image goes by this."""
    retention_rule_for(viewer(request), team, rule_id).delete()
    return HttpResponse(status=204)


@router.post("/{slug:team}/retention/runs/", response={202: RunOut}, url_name="api-runs", summary="Let images go")
def run(request: HttpRequest, team: str, asked: RunIn) -> HttpResponse:
    """For owners. A worker deletes the images of the list with this key; 409 where it is another list by now."""
    found = team_for(person(request), team, Role.OWNER)
    plan = plan_of(person(request), found)
    if not plan.goes or asked.key != plan.key:
        raise Problem(409, "Something came or went since this list was read, or nothing goes. Read it again.")
    try:
        return JsonResponse(run_document(retention.ask(found, person(request), plan)), status=202)
    except retention.AtWork:
        raise Problem(409, "A run is at work already.") from None


def _written(rule: RetentionRule, entered: RuleIn) -> RetentionRule:
    try:
        return write_rule(rule, entered.pattern, entered.keep_last, entered.keep_days)
    except BadRule as bad:
        raise Problem(422, str(bad)) from None
