"""How much a team may keep: it is warned at 80 %, and refused at 100 % before the first byte of anything new.

What an archive will add is not known before it is read, since its layers may be stored: whoever is below may begin.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from analyzer.archive.source import ArchiveError
from analyzer.models import Holding, ImageLayer, Layer, Quota, Role, Team, WebhookDelivery, WebhookEvent
from analyzer.services import audit, webhook_events
from analyzer.units import binary_text

log = logging.getLogger(__name__)

WARNED = Fraction(80, 100)
TOLD_AGAIN = timedelta(hours=1)
RAISES = "Its owners can delete images, or let rules do it; an administrator can raise the quota."


class QuotaReached(ArchiveError):
    """The team keeps as much as it may; the message says so to a person."""


@dataclass(frozen=True, slots=True)
class Used:
    """How much of one of a team's limits is used. The bytes of a fair cost would tell what other teams have: no more
    than its part, in whole percent, is said."""

    team: Team
    fair: bool
    limit: int
    part: Fraction

    @property
    def percent(self) -> int:
        return int(self.part * 100)

    @property
    def is_full(self) -> bool:
        return self.part >= 1

    @property
    def is_filling(self) -> bool:
        return self.part >= WARNED

    @property
    def bar(self) -> str:
        """The part as the width of a bar, 0 to 1."""
        return f"{float(min(self.part, Fraction(1))):.3f}"

    @property
    def stored(self) -> int | None:
        """Bytes that are used; None of a fair cost."""
        return None if self.fair else int(self.part * self.limit)

    def as_json(self) -> dict[str, Any]:
        """For programs. Bytes."""
        return {
            "of": "fair_cost" if self.fair else "stored",
            "limit": self.limit,
            "used": self.stored,
            "percent": self.percent,
        }

    @property
    def words(self) -> str:
        """One sentence, which names the quota."""
        return f"{self.team} {self.verdict}"

    @property
    def verdict(self) -> str:
        """The same after the team's name."""
        of = "fair cost, its layers divided among the teams that hold them" if self.fair else "stored layers"
        return f"uses {self.percent} % of its quota of {binary_text(self.limit)} of {of}."


def used_of(team: Team) -> list[Used]:
    """The limits that the team has, that which is used the most first. A query where it has none, else two or three."""
    quota = Quota.objects.select_related("team").filter(team=team).first()
    return _used(quota) if quota is not None else []


def filling(teams: QuerySet[Team]) -> list[Used]:
    """The limits of these teams that are used to 80 % or more. A query where they have none."""
    quotas = Quota.objects.filter(team__in=teams).select_related("team").order_by("team__name")
    return [used for quota in quotas for used in _used(quota) if used.is_filling]


def check(team: Team) -> None:
    """Before anything new begins, in no transaction that the refusal would end. Raises QuotaReached."""
    for used in used_of(team):
        if used.is_full:
            _tell_of_refusal(used)
            raise QuotaReached(f"{used.words} {RAISES}")


def stored(team: Team) -> int:
    """Bytes of the layers of the team's images, each once."""
    held = Holding.objects.filter(team=team).values("image")
    layers = ImageLayer.objects.filter(image__in=held, layer__isnull=False).values("layer")
    return Layer.objects.filter(pk__in=layers).aggregate(total=Sum("size"))["total"] or 0


def fair_cost(team: Team) -> Fraction:
    """The same, each layer divided by the teams that hold it: exact, where lists of teams round to whole bytes."""
    held = Holding.objects.filter(team=team).values("image")
    layers = ImageLayer.objects.filter(image__in=held, layer__isnull=False).values("layer")
    rows = Layer.objects.filter(pk__in=layers).annotate(
        among=Count("image_layers__image__holdings__team", distinct=True)
    )
    return sum((Fraction(size, among) for size, among in rows.values_list("size", "among")), Fraction())


def check_any(teams: QuerySet[Team]) -> None:
    """Before it is known into which of the teams something goes: raises QuotaReached where none has room."""
    full = [used for used in filling(teams) if used.is_full]
    if full and {used.team.pk for used in full} >= set(teams.values_list("pk", flat=True)):
        check(full[0].team)


def warn_due() -> None:
    """Tells the owners once when a quota fills up, and again only after there was room meanwhile."""
    for quota in Quota.objects.select_related("team"):
        filling = next((used for used in _used(quota) if used.is_filling), None)
        if filling is None:
            Quota.objects.filter(pk=quota.pk).exclude(warned=None).update(warned=None)
        elif Quota.objects.filter(pk=quota.pk, warned=None).update(warned=timezone.now()):
            _tell_that_it_fills(filling)
            try:
                _mail(quota.team, filling)
            except OSError as error:  # of the mail server, which the next look tries again
                log.warning("the mail about a quota was not sent: %s", error)
                Quota.objects.filter(pk=quota.pk).update(warned=None)
            else:
                audit.note("quota.warn", quota.team, quota.team, percent=filling.percent)


def _used(quota: Quota) -> list[Used]:
    found = []
    if quota.stored:
        found.append(Used(quota.team, False, quota.stored, Fraction(stored(quota.team), quota.stored)))
    if quota.fair_cost:
        found.append(Used(quota.team, True, quota.fair_cost, fair_cost(quota.team) / quota.fair_cost))
    return sorted(found, key=lambda used: -used.part)


def _tell_that_it_fills(used: Used) -> None:
    """Webhooks hear of it once an hour at most: while no mail can be sent the owners are looked for each minute."""
    lately = WebhookDelivery.objects.filter(
        webhook__team=used.team, event=WebhookEvent.FILLS, created__gt=timezone.now() - TOLD_AGAIN
    )
    if not lately.exists():
        webhook_events.quota_told(used.team, WebhookEvent.FILLS, used.fair, used.limit, used.percent)


def _tell_of_refusal(used: Used) -> None:
    """Webhooks hear of it once an hour, however often somebody tries."""
    now = timezone.now()
    quiet = Q(refused=None) | Q(refused__lt=now - TOLD_AGAIN)
    if Quota.objects.filter(quiet, team=used.team).update(refused=now):
        webhook_events.quota_told(used.team, WebhookEvent.REFUSED, used.fair, used.limit, used.percent)


def _mail(team: Team, used: Used) -> None:
    owners = team.memberships.filter(role=Role.OWNER, user__is_active=True, user__notice_choice__mail=True)
    addresses = (
        list(owners.exclude(user__email="").values_list("user__email", flat=True)) if settings.SENDS_MAIL else []
    )
    for address in addresses:
        subject = " ".join(f"{team} fills its quota: {used.percent} %".splitlines())
        send_mail(subject, f"{used.words} At 100 % nothing new is taken in. {RAISES}\n", None, [address])
