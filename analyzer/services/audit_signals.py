"""What is noted whichever door it came through: rows of people and rights, log-ins, and jobs that begin.

`note` runs in the transaction of the row that is written, so neither is there without the other.
"""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save

from analyzer.models import (
    ApiToken,
    Badge,
    Invitation,
    Job,
    Membership,
    Registry,
    RetentionRule,
    ShareLink,
    Team,
    Watch,
    Webhook,
)
from analyzer.services import audit

UNTOLD = frozenset({"last_login", "last_used", "uses"})
NAME = 150


def connect() -> None:
    """Listens from now on; again and again is as good as once.

    To these models alone: where any model is listened to, Django reads the rows that it deletes, one by one.
    """
    for model in (*_TOLD, Job, LogEntry):
        post_save.connect(_saved, sender=model, dispatch_uid=f"audit-saved-{model.__name__}")
    for model in _TOLD:
        post_delete.connect(_deleted, sender=model, dispatch_uid=f"audit-deleted-{model.__name__}")
    user_logged_in.connect(_logged_in, dispatch_uid="audit-in")
    user_logged_out.connect(_logged_out, dispatch_uid="audit-out")
    user_login_failed.connect(_login_failed, dispatch_uid="audit-failed")


def _saved(sender: Any, instance: Any, created: bool, update_fields: Any = None, **more: Any) -> None:
    if sender is LogEntry:
        kind = f"{instance.content_type.model}" if instance.content_type else ""
        audit.note(f"admin.{kind}", instance.object_repr, by=instance.user, change=instance.get_change_message()[:500])
        return
    if sender is Job:
        if created:
            details = {"size": instance.size, "job": str(instance.pk)}
            audit.note(f"{instance.source}.begin", instance.name, instance.team, instance.user, **details)
        return
    if not (update_fields and set(update_fields) <= UNTOLD):
        _tell(instance, "add" if created else "change")


def _deleted(sender: Any, instance: Any, **more: Any) -> None:
    _tell(instance, "remove")


def _tell(instance: Any, verb: str) -> None:
    name, of = _TOLD[type(instance)]
    about, team, details = of(instance)
    audit.note(f"{name}.{verb}", about, team, **details)


_Told = tuple[object, Team | None, dict[str, Any]]


def _membership(row: Membership) -> _Told:
    return row.user.get_username(), row.team, {"role": str(row.role)}


def _token(row: ApiToken) -> _Told:
    return (
        row.name,
        row.team,
        {"of": row.user.get_username() if row.user else "the team", "number": row.pk, "scope": str(row.scope)},
    )


def _invitation(row: Invitation) -> _Told:
    return row.note or "someone", row.team, {"role": str(row.role), "used_by": str(row.used_by or "")}


def _share_link(row: ShareLink) -> _Told:
    return row.title, row.team, {"page": str(row.page), "note": row.note}


def _badge(row: Badge) -> _Told:
    return f"{row.repository}:{row.tag}", row.team, {"shows": str(row.shows)}


def _registry(row: Registry) -> _Told:
    return row.name, row.team, {"host": row.host, "username": row.username}


def _retention_rule(row: RetentionRule) -> _Told:
    return row, row.team, {}


def _webhook(row: Webhook) -> _Told:
    return row.host, row.team, {"events": list(row.events), "paused": row.paused}


def _watch(row: Watch) -> _Told:
    return str(row), row.registry.team, {"registry": row.registry.name}


def _team(row: Team) -> _Told:
    return row.name, row, {}


def _user(row: User) -> _Told:
    return row.get_username(), None, {"active": row.is_active, "staff": row.is_staff, "superuser": row.is_superuser}


_TOLD: dict[type, tuple[str, Any]] = {
    Membership: ("member", _membership),
    Invitation: ("invitation", _invitation),
    ShareLink: ("link", _share_link),
    Badge: ("badge", _badge),
    ApiToken: ("token", _token),
    Registry: ("registry", _registry),
    RetentionRule: ("retention_rule", _retention_rule),
    Watch: ("watch", _watch),
    Webhook: ("webhook", _webhook),
    Team: ("team", _team),
    User: ("user", _user),
}
"""Never their passwords, sealed or hashed, and never a part of a token."""


def _logged_in(sender: Any, user: Any, **more: Any) -> None:
    audit.note("login.in", user.get_username(), by=user)


def _logged_out(sender: Any, user: Any, **more: Any) -> None:
    if user is not None:
        audit.note("login.out", user.get_username(), by=user)


def _login_failed(sender: Any, credentials: Any, **more: Any) -> None:
    """Names that nobody has are not kept: people type passwords into that field."""
    typed = str(credentials.get("username", ""))[:NAME]
    if User.objects.filter(username=typed).exists():
        audit.note("login.fail", typed)
