"""Watches as people handle them: begun, paused, gone on with, ended."""

import re
from fnmatch import fnmatchcase

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from analyzer import queue
from analyzer.models import Registry, Watch
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.services.registries import BadRegistry

WILD = re.compile(r"[*?\[]")
_REPOSITORY = re.compile(r"[a-z0-9._/*?!\[\]-]{1,255}")
_TAG = re.compile(r"[\w.*?!\[\]-]{1,128}", re.ASCII)


def is_pattern(text: str) -> bool:
    """Whether the text is a glob, not one name."""
    return WILD.search(text) is not None


def matches(pattern: str, name: str) -> bool:
    """Whether a glob, in which `*` goes past slashes, or a plain name is about `name`."""
    return fnmatchcase(name, pattern)


def checked(host: str, repository: str, tag: str) -> tuple[str, str]:
    """The repository and the tag, each a name or a glob, as they are kept. Raises BadRegistry.

    One name is normalised: on Docker Hub `nginx` is `library/nginx`. No tag is `latest`.
    """
    repository, tag = repository.strip().strip("/").removeprefix(f"{host}/"), tag.strip() or "latest"
    if not _REPOSITORY.fullmatch(repository):
        raise BadRegistry("repository", "This is no repository, such as team/app, and no pattern, such as team/*.")
    if not _TAG.fullmatch(tag):
        raise BadRegistry("tag", "This is no tag, such as latest, and no pattern, such as 1.*.")
    try:
        if is_pattern(repository):
            return repository, tag
        return parse_reference(f"{host}/{repository}:{'latest' if is_pattern(tag) else tag}").repository, tag
    except InvalidReference as invalid:
        raise BadRegistry("repository", f"{invalid}.") from None


def begin(
    registry: Registry, user: User | None, *, repository: str, tag: str, every: int = 3600, from_now_on: bool = False
) -> Watch:
    """Watches a repository's tags; the first look is at once. Raises BadRegistry."""
    repository, tag = checked(registry.host, repository, tag)
    if every not in dict(Watch.EVERY):
        raise BadRegistry("every", "Look every 300, 900, 3600, 21600 or 86400 seconds.")
    try:
        with transaction.atomic():
            watch = Watch.objects.create(
                registry=registry,
                user=user,
                repository=repository,
                tag=tag,
                every=every,
                from_now_on=from_now_on,
                rung=timezone.now(),
            )
            queue.ring("poll_watch", watch.pk)
    except IntegrityError:
        raise BadRegistry("repository", f"{repository}:{tag} is watched already.") from None
    return watch


def pause(watch: Watch) -> None:
    """No look begins from now on; one that goes on ends within a second."""
    Watch.objects.filter(pk=watch.pk).update(paused=True, lease_token="", lease_until=None)


def go_on(watch: Watch) -> None:
    """Looks again, at once."""
    now = timezone.now()
    with transaction.atomic():
        Watch.objects.filter(pk=watch.pk).update(paused=False, next_poll=now, rung=now, attempt=0)
        queue.ring("poll_watch", watch.pk)


def look_now(watch: Watch) -> None:
    """The next look is now, unless the watch rests or the registry asked to be left alone."""
    now = timezone.now()
    with transaction.atomic():
        Watch.objects.filter(pk=watch.pk, paused=False).update(next_poll=now, rung=now)
        queue.ring("poll_watch", watch.pk)


def end(watch: Watch) -> None:
    """Watches no longer; what came of it stays."""
    watch.delete()
