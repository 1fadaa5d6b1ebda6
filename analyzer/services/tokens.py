"""Tokens for machines: issued once, known by their hash, revoked for good."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from analyzer.models import ApiToken, Team, TokenScope
from analyzer.selectors.access import bear

DAYS = (7, 30, 90, 365)
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The user's own tokens, newest first."""
    return ApiToken.objects.filter(user=user).select_related("team")


def issue_token(
    user: User,
    name: str,
    scope: TokenScope = TokenScope.ADMIN,
    team: Team | None = None,
    expires: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token called `name`, and its text, which is not to be had again. It is good for `team` alone if one is
    given, until `expires`."""
    return ApiToken.issue(user.pk, name, scope=scope, team=team, expires=expires)


def bearer_of(text: str) -> User | None:
    """Whose token this is, with its limits; None if it is nobody's, has expired, or its owner may not log in. Its use
    is noted, not every time."""
    token = ApiToken.objects.select_related("user").filter(sha256=ApiToken.hash_of(text), user__is_active=True).first()
    if token is None or token.expired:
        return None
    now = timezone.now()
    # An upload in a thousand pieces is one use: a write for each would cost more than what it tells.
    unnoted = Q(last_used=None) | Q(last_used__lt=now - USE_IS_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used=now)
    return bear(token)


def revoke_token(token: ApiToken) -> None:
    """What bears it is refused from now on."""
    token.delete()
