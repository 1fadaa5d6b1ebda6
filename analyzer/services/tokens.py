"""Tokens for machines: issued once, known by their hash, revoked for good."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from analyzer.models import ApiToken, Team, TokenScope
from analyzer.selectors.access import Bearer, bear
from analyzer.services import uploads

DAYS = (7, 30, 90, 365)
TEAM_SCOPES = tuple((scope.value, scope.label) for scope in (TokenScope.UPLOAD, TokenScope.READ))
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


def issue_team_token(
    team: Team, maker: User, name: str, scope: TokenScope = TokenScope.UPLOAD, expires: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of the team, and its text. It is nobody's: it stays when its maker leaves. `scope` is read or upload:
    what owners decide takes a person."""
    return ApiToken.issue(None, name, scope=scope, team=team, expires=expires, made_by=maker.get_username())


def bearer_of(text: str) -> Bearer | None:
    """Whose token this is, with its limits; None if there is no such, has expired, or its owner may not log in. Its use
    is noted, not every time."""
    rows = ApiToken.objects.filter(Q(user=None) | Q(user__is_active=True), sha256=ApiToken.hash_of(text))
    token = rows.select_related("user", "team").first()
    if token is None or token.expired:
        return None
    now = timezone.now()
    # An upload in a thousand pieces is one use: a write for each would cost more than what it tells.
    unnoted = Q(last_used=None) | Q(last_used__lt=now - USE_IS_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used=now)
    return bear(token)


def revoke_token(token: ApiToken) -> None:
    """What bears it is refused from now on, and what it had begun to send is given up."""
    for upload in list(token.uploads.filter(job=None)):
        uploads.cancel(upload)
    token.delete()
