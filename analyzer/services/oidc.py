"""The account of whom an OpenID provider vouches for.

An account is found by issuer and subject alone. A name or an address that is the same as an existing account's gives
nobody that account: who has one connects it while logged in.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from analyzer.models import Identity, Role, Team
from analyzer.services import members
from analyzer.services.oidc_client import OidcError


def account_of(claims: Mapping[str, Any]) -> User:
    """The account, made where there is none and OIDC_CREATE_USERS allows it. Raises OidcError."""
    known = Identity.objects.filter(issuer=claims["iss"], subject=claims["sub"]).select_related("user").first()
    if known is None:
        if not settings.OIDC_CREATE_USERS:
            raise OidcError("No account here is connected with you there. Log in, and connect it on the account page.")
        return _made(claims)
    if not known.user.is_active:
        raise OidcError("This account is closed.")
    Identity.objects.filter(pk=known.pk).update(last_used=timezone.now())
    return known.user


def connect(user: User, claims: Mapping[str, Any]) -> None:
    """From now on the user may log in so. Raises OidcError where that is somebody else's way in already."""
    found, _ = Identity.objects.get_or_create(issuer=claims["iss"], subject=claims["sub"], defaults={"user": user})
    if found.user_id != user.pk:
        raise OidcError("Another account here is connected with you there.")


def _made(claims: Mapping[str, Any]) -> User:
    for attempt in range(100):
        try:
            with transaction.atomic():
                user = User.objects.create_user(_name(claims, attempt), email=_address(claims))
                user.first_name, user.last_name = (
                    str(claims.get(name) or "")[:150] for name in ("given_name", "family_name")
                )
                user.save()
                Identity.objects.create(
                    user=user, issuer=claims["iss"], subject=claims["sub"], last_used=timezone.now()
                )
                team = Team.objects.filter(slug=settings.OIDC_TEAM).first() if settings.OIDC_TEAM else None
                if team is not None:
                    members.join(team, user, Role.VIEWER)
                return user
        except IntegrityError:  # the name is taken, or another tab was quicker
            known = Identity.objects.filter(issuer=claims["iss"], subject=claims["sub"]).first()
            if known is not None:
                return known.user
    raise OidcError("No name is free for an account.")


def _name(claims: Mapping[str, Any], attempt: int) -> str:
    told = str(claims.get("preferred_username") or str(claims.get("email") or "").partition("@")[0] or claims["sub"])
    name = re.sub(r"[^\w.@+-]+", "-", told).strip("-")[:140] or "person"
    taken = User.objects.filter(username__iexact=name).exists()
    number = attempt + 1 + taken
    return name if number == 1 else f"{name}-{number}"


def _address(claims: Mapping[str, Any]) -> str:
    """The mail address, if the provider says that it was checked."""
    address = str(claims.get("email") or "")
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if claims.get("email_verified") is True else ""
