"""Invitations into a team: made by its owners, followed once."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analyzer.models import Invitation, Membership, Role, Team
from analyzer.models.hashed import hash_of
from analyzer.services import audit, members

DAYS = (1, 7, 30)  # that one may last


class InvitationGone(Exception):
    """It was used, withdrawn, or its time is over; the message says so to a person."""

    def __init__(self) -> None:
        super().__init__("This invitation was used already, was withdrawn, or its time is over. Ask for a new one.")


def invite(team: Team, user: User, role: Role, note: str, days: int) -> tuple[Invitation, str]:
    """An invitation by `user`, and its text, which is not to be had again."""
    made = Invitation(team=team, user=user, role=role, note=note)
    text = made.set_secret(timedelta(days=days))
    made.save()
    return made, text


def invitation_of(text: str) -> Invitation:
    """The one that can be followed with this text. Raises InvitationGone."""
    rows = Invitation.objects.select_related("team", "user").filter(
        sha256=hash_of(text), used=None, expires__gt=timezone.now(), user__is_active=True
    )
    found = rows.filter(user__memberships__team=F("team"), user__memberships__role=Role.OWNER).first()
    if found is None:
        raise InvitationGone
    return found


def accept(invitation: Invitation, user: User) -> Membership:
    """Makes the user a member, once. Raises InvitationGone."""
    with transaction.atomic():
        now = timezone.now()
        open_still = Invitation.objects.filter(pk=invitation.pk, used=None, expires__gt=now)
        if not open_still.update(used=now, used_by=user):
            raise InvitationGone
        audit.note("invitation.follow", user.get_username(), invitation.team, user, role=invitation.role)
        return members.join(invitation.team, user, Role(invitation.role))
