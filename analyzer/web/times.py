"""Times as pages tell them: in UTC, or how long ago."""

from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from analyzer.selectors.figures import rfc3339

UNKNOWN = mark_safe('<span class="soft" title="not known">–</span>')
AGES = ((86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3600, "hour"), (60, "minute"))


def moment(when: datetime | None, seconds: bool = False) -> SafeString:
    """A time as people here write it, in UTC: "24 Nov 2026, 05:51 UTC"."""
    if when is None:
        return UNKNOWN
    utc = when.astimezone(timezone.get_default_timezone())
    text = f"{utc.day} {utc:%b %Y, %H:%M:%S} UTC" if seconds else f"{utc.day} {utc:%b %Y, %H:%M} UTC"
    return format_html('<time datetime="{}">{}</time>', rfc3339(utc), text)


def relative_time(when: datetime | None) -> SafeString:
    """How long ago, with the exact time in the title."""
    if when is None:
        return UNKNOWN
    text = _ago((timezone.now() - when).total_seconds())
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', rfc3339(when), text)


def _ago(seconds: float) -> str:
    for length, unit in AGES:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now" if seconds > -60 else "in the future"


def time_ahead(when: datetime | None) -> SafeString:
    """How long until then, with the exact time in the title; what is past is due."""
    if when is None:
        return UNKNOWN
    seconds = (when - timezone.now()).total_seconds()
    text = "now" if seconds < 1 else "within a minute"
    for length, unit in AGES:
        if seconds >= length * 0.95:
            count = round(seconds / length)
            text = f"in {count} {unit}{'' if count == 1 else 's'}"
            break
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', rfc3339(when), text)
