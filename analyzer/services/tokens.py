"""Tokens for machines: issued once, known by their hash, revoked for good."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from analyzer.models import ApiToken

USE_IS_NOTED_EVERY = timedelta(minutes=1)


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The user's own tokens, newest first."""
    return ApiToken.objects.filter(user=user)


def issue_token(user: User, name: str) -> tuple[ApiToken, str]:
    """A new token called `name`, and its text, which is not to be had again."""
    return ApiToken.issue(user.pk, name)


def bearer_of(text: str) -> User | None:
    """Whose token this is; None if it is nobody's or its owner may not log in. Its use is noted, not every time."""
    token = ApiToken.objects.select_related("user").filter(sha256=ApiToken.hash_of(text), user__is_active=True).first()
    if token is None:
        return None
    now = timezone.now()
    # An upload in a thousand pieces is one use: a write for each would cost more than what it tells.
    unnoted = Q(last_used=None) | Q(last_used__lt=now - USE_IS_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used=now)
    return token.user


def revoke_token(token: ApiToken) -> None:
    """What bears it is refused from now on."""
    token.delete()
