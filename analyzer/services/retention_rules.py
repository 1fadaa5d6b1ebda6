"""The rules of a team's retention as people write them, and whether they are carried out by themselves."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from analyzer.models import MOST_DAYS, MOST_LAST, Retention, RetentionRule, Team
from analyzer.services import audit

EVERY = timedelta(days=1)
MOST_RULES = 50
LONGEST = 300  # characters of a pattern


class BadRule(ValueError):
    """What was entered is no rule; the message says so to a person."""


def write_rule(rule: RetentionRule, pattern: str, keep_last: int | None, keep_days: int | None) -> RetentionRule:
    """Keeps a rule, which has its team, as it was entered. Raises BadRule."""
    pattern = pattern.strip()
    if not pattern or len(pattern) > LONGEST:
        raise BadRule(f"A pattern has 1 to {LONGEST} characters: `app:*`, `*:latest`, or `1.*` for tags.")
    if keep_last is None and keep_days is None:
        raise BadRule("A rule keeps the last so many, or what is younger than so many days, or both.")
    if keep_last is not None and not 1 <= keep_last <= MOST_LAST:
        raise BadRule(f"A rule keeps the last 1 to {MOST_LAST:,}.")
    if keep_days is not None and not 1 <= keep_days <= MOST_DAYS:
        raise BadRule(f"A rule keeps what is younger than 1 to {MOST_DAYS:,} days.")
    rule.pattern, rule.keep_last, rule.keep_days = pattern, keep_last, keep_days
    with transaction.atomic():
        if rule._state.adding and RetentionRule.objects.filter(team=rule.team).count() >= MOST_RULES:
            raise BadRule(f"A team has {MOST_RULES} rules at most.")
        rule.save()
    return rule


def set_daily(team: Team, daily: bool) -> None:
    """Whether the rules are carried out by themselves once a day: the first time a day from now."""
    due = timezone.now() + EVERY
    with transaction.atomic():
        row, made = Retention.objects.select_for_update().get_or_create(
            team=team, defaults={"daily": daily, "due": due}
        )
        if not made and row.daily == daily:
            return
        Retention.objects.filter(pk=row.pk).update(daily=daily, due=due)
        audit.note("retention.daily" if daily else "retention.by_hand", team, team)
