"""The last times that a team's retention rules were carried out, and the rules, as documents."""

from typing import Any

from analyzer.models import Retention, RetentionRule, RetentionRun, RetentionWay, Team
from analyzer.selectors.figures import rfc3339

MOST = 20
WAYS = {RetentionWay.PAGE: "on this page", RetentionWay.DAILY: "by itself", RetentionWay.COMMAND: "by manage.py retain"}


def runs_of(team: Team) -> list[RetentionRun]:
    """Newest first; one query."""
    return list(team.retention_runs.select_related("user").defer("agreed")[:MOST])


def daily_of(team: Team) -> Retention:
    """Whether the team's rules are carried out by themselves; a row that is not stored where nobody decided."""
    return Retention.objects.filter(team=team).first() or Retention(team=team)


def rule_document(rule: RetentionRule) -> dict[str, Any]:
    """A rule as JSON."""
    return {
        "id": rule.pk,
        "pattern": rule.pattern,
        "keep_last": rule.keep_last,
        "keep_days": rule.keep_days,
        "created": rfc3339(rule.created),
    }


def daily_document(daily: Retention) -> dict[str, Any]:
    """When the rules are carried out, as JSON."""
    return {
        "daily": daily.daily,
        "ran": rfc3339(daily.ran),
        "due": rfc3339(daily.due) if daily.daily else None,
    }


def run_document(run: RetentionRun) -> dict[str, Any]:
    """A run as JSON."""
    return {
        "id": run.pk,
        "begun": rfc3339(run.created),
        "finished": rfc3339(run.finished),
        "state": state_of(run),
        "way": str(run.way),
        "user": run.user.get_username() if run.user else None,
        "images": run.images,
        "freed": run.freed,
        "on_disk": run.on_disk,
        "error": run.error or None,
        "gone": run.gone,
    }


def state_of(run: RetentionRun) -> str:
    """running, done or failed."""
    if run.finished is None:
        return "running"
    return "failed" if run.error else "done"


def by_whom(run: RetentionRun) -> str:
    """`by alice on this page`, `by itself`"""
    where = WAYS[RetentionWay(run.way)]
    return f"by {run.user.get_username()} {where}" if run.user else where
