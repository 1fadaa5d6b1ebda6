"""Who is in a team, and as what. A team always has an owner; who leaves or may less takes their open links along."""

from functools import partial

from django.contrib.auth.models import User
from django.db import transaction

from analyzer.models import Invitation, Membership, Role, ShareLink, Team, Upload
from analyzer.services import audit, uploads


class LastOwner(Exception):
    """Nobody would own the team any more; the message says so to a person."""

    def __init__(self, team: Team) -> None:
        super().__init__(f"{team} would have no owner left. Make somebody else an owner first.")


def join(team: Team, user: User, role: Role) -> Membership:
    """Makes the user a member; who is one already keeps the greater of the two roles."""
    with transaction.atomic():
        _locked(team)
        member, _ = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
        if role in Role(member.role).at_least:
            member.role = role
            member.save(update_fields=["role"])
    return member


def set_role(member: Membership, role: Role) -> None:
    """Raises LastOwner."""
    with transaction.atomic():
        _locked(member.team)
        if role != Role.OWNER:
            _check_other_owner(member)
        Membership.objects.filter(pk=member.pk).update(role=role)
        audit.note("member.change", member.user.get_username(), member.team, role=str(role), was=str(member.role))
        if role != Role.OWNER:
            Invitation.objects.filter(team=member.team, user=member.user_id, used=None).delete()
        if role == Role.VIEWER:
            ShareLink.objects.filter(team=member.team, user=member.user_id).delete()
            _give_up_uploads(member)
    member.role = role


def remove(member: Membership) -> None:
    """Takes the member out. What they brought stays the team's. Raises LastOwner."""
    with transaction.atomic():
        _locked(member.team)
        _check_other_owner(member)
        Invitation.objects.filter(team=member.team, user=member.user_id, used=None).delete()
        ShareLink.objects.filter(team=member.team, user=member.user_id).delete()
        _give_up_uploads(member)
        member.delete()


def _locked(team: Team) -> None:
    """Two owners who leave at the same moment do so one after the other."""
    Team.objects.select_for_update().get(pk=team.pk)


def _check_other_owner(member: Membership) -> None:
    owners = Membership.objects.filter(team=member.team, role=Role.OWNER)
    if not owners.exclude(pk=member.pk).exists() and owners.exists():
        raise LastOwner(member.team)


def _give_up_uploads(member: Membership) -> None:
    for upload in Upload.objects.filter(team=member.team, user=member.user_id, job=None):
        transaction.on_commit(partial(uploads.cancel, upload))
