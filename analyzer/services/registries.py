"""Registries as people handle them: kept, changed, forgotten; their passwords go in and are never shown."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from analyzer.models import Job, NoticeChoice, Registry, Team, Webhook
from analyzer.models.sealing import SealBroken, reseal
from analyzer.oci.reference import InvalidReference, parse_reference

HOOK_PREFIX = "layhook_"


class BadRegistry(ValueError):
    """What was entered can't be kept; the message says so to a person. `field` names the entry."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person enters. No password leaves the stored one as it is."""

    name: str
    host: str
    username: str = ""
    password: str = field(default="", repr=False)


def add_registry(*, team: Team, user: User | None, entered: Entered) -> Registry:
    """Keeps a registry. Raises BadRegistry."""
    return _write(Registry(team=team, user=user), entered)


def change_registry(registry: Registry, entered: Entered) -> Registry:
    """Writes what was entered. Raises BadRegistry.

    A stored password belongs to its host: it is not sent to another one, so a new host needs it entered again.
    """
    if registry.has_password and not entered.password and entered.username:
        if host_of(entered.host) != registry.host:
            raise BadRegistry("password", "The stored password belongs to the host of before. Enter the one for this.")
        if entered.username != registry.username:
            raise BadRegistry("password", "The stored password belongs to the user of before. Enter the one for this.")
    return _write(registry, entered)


def host_of(text: str) -> str:
    """A host and port as references write them: `https://Registry.example.org/v2/` is `registry.example.org`.

    Raises BadRegistry.
    """
    host = text.strip().removeprefix("https://").removeprefix("http://").rstrip("/").removesuffix("/v2").lower()
    if host in {"hub.docker.com", "registry-1.docker.io", "index.docker.io", "index.docker.io/v1"}:
        host = "docker.io"
    try:
        if "/" in host or "@" in host or parse_reference(f"{host}/name/name:tag").registry != host:
            raise InvalidReference
    except InvalidReference:
        raise BadRegistry(
            "host", "This is no host: write it as in references, such as registry.example.org or localhost:5000."
        ) from None
    return host


def new_hook_secret(registry: Registry) -> str:
    """A fresh secret for the registry's webhook, not to be had again; the one of before is refused from now on."""
    secret = HOOK_PREFIX + secrets.token_urlsafe(32)
    registry.hook_sha256 = hashlib.sha256(secret.encode()).hexdigest()
    registry.save(update_fields=["hook_sha256"])
    return secret


def hook_secret_is(registry: Registry, offered: str) -> bool:
    """Whether this is the secret of the registry's webhook; takes as long whatever is offered."""
    hashed = hashlib.sha256(offered.encode()).hexdigest()
    return bool(registry.hook_sha256) and secrets.compare_digest(hashed, registry.hook_sha256)


def rotate_secrets() -> tuple[int, list[str]]:
    """Seals every password and secret with the newest key: how many, and whose no key opens."""
    lost: list[str] = []
    done = 0
    for registry in Registry.objects.exclude(sealed_password="").select_related("team"):
        done += _resealed(registry, "sealed_password", f"{registry.name} of {registry.team}", lost)
    for job in Job.objects.exclude(sealed_credentials=""):
        done += _resealed(job, "sealed_credentials", job.name, lost)
    for choice in NoticeChoice.objects.exclude(sealed_hook_secret="").select_related("user"):
        done += _resealed(choice, "sealed_hook_secret", f"the webhook of {choice.user.get_username()}", lost)
    for hook in Webhook.objects.select_related("team"):
        done += _resealed(hook, "sealed_secret", f"a webhook of {hook.team}", lost)
    return done, lost


def _resealed(row: Any, field: str, called: str, lost: list[str]) -> int:
    """Whether it was sealed anew, as a number; what no key opens is added to `lost`."""
    before = getattr(row, field)
    try:
        sealed = reseal(before)
    except SealBroken:
        lost.append(called)
        return 0
    done: int = type(row)._default_manager.filter(pk=row.pk, **{field: before}).update(**{field: sealed})
    return done


def _write(registry: Registry, entered: Entered) -> Registry:
    registry.name = entered.name.strip()
    registry.host = host_of(entered.host)
    registry.username = entered.username.strip()
    if not registry.name:
        raise BadRegistry("name", "Give the registry a name.")
    if ":" in registry.username:
        raise BadRegistry("username", "A user name has no colon.")
    if entered.password and not registry.username:
        raise BadRegistry("username", "A password needs a user name.")
    if entered.password:
        registry.set_password(entered.password)
    elif not registry.username:
        registry.sealed_password = ""
    if registry.username and not registry.has_password:
        raise BadRegistry("password", "A user name needs a password or a token.")
    try:
        with transaction.atomic():
            registry.save()
    except IntegrityError:
        raise BadRegistry("name", f"Your team has a registry called {registry.name} already.") from None
    return registry
