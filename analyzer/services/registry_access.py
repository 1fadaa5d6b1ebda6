"""Going to a kept registry: as whom, how patiently, and what it says of its rate limit is noted."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import timezone

from analyzer.models import Registry
from analyzer.models.sealing import SealBroken
from analyzer.registry.client import RegistryClient
from analyzer.registry.context import Credentials
from analyzer.registry.errors import Kind, RegistryError
from analyzer.services.pulls import context_of
from analyzer.services.registry_limits import noted, quiet_sentence, seconds_until
from analyzer.services.watches import is_pattern, matches

PAGE = 100  # repositories or tags of a page of the browser
MOST_LISTED = 20_000  # names that a browser goes through
PATIENCE = 20.0  # seconds that a person waits for all of a page's requests
SPARE = 120.0  # seconds before the end of a task's time at which a look is given up
NO_CATALOG = (Kind.UNAUTHORIZED, Kind.NOT_FOUND, Kind.UNSUPPORTED, Kind.FAILED)


class TooMany(RegistryError):
    """A pattern matches more than is taken at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of names. `further`: there is one more page; `why`: what is said instead, where there is no list."""

    names: list[str]
    page: int = 1
    further: bool = False
    why: str = ""


def credentials_of(registry: Registry) -> Credentials | None:
    """Who asks there; None where it is open. Raises RegistryError where the password can't be read."""
    if not registry.username:
        return None
    try:
        return Credentials(registry.username, registry.password())
    except SealBroken as broken:
        raise RegistryError(Kind.UNAUTHORIZED, str(broken)) from None


@contextmanager
def opened(registry: Registry, *, hurried: bool = False) -> Iterator[RegistryClient]:
    """A client of the registry. Raises RegistryError, at once while the registry wants to be left alone.

    `hurried`: a person waits for the page, so that nothing is waited for long and tried often.
    """
    if registry.quiet_until and registry.quiet_until > timezone.now():
        raise RegistryError(
            Kind.RATE_LIMITED, quiet_sentence(registry), retry_after=seconds_until(registry.quiet_until)
        )
    context = context_of(registry.host, credentials_of(registry))
    rules = context.network
    # A 429 is not waited out here: the registry is left alone, by all that goes there.
    rules = replace(rules, attempts=min(rules.attempts, 2), longest_wait=0.0)
    seconds = max(settings.JOB_TIME_LIMIT_SECONDS - SPARE, 30.0)
    if hurried:
        seconds = PATIENCE
        rules = replace(rules, timeout=min(rules.timeout, 10.0), slow_seconds=min(rules.slow_seconds, 10.0))
    tick = _until(registry.host, seconds)
    with RegistryClient(replace(context, network=rules), tick) as client, noted(client, [registry]):
        yield client


def _until(host: str, seconds: float) -> Callable[[], None]:
    """What raises RegistryError once that time is over, however much the registry has still to say."""
    end = time.monotonic() + seconds

    def tick() -> None:
        if time.monotonic() > end:
            raise RegistryError(Kind.TIMEOUT, f"{host} takes longer than {seconds:,.0f} seconds for its answers.")

    return tick


def try_out(registry: Registry) -> tuple[bool, str]:
    """Whether the registry can be used, and one sentence that says what works."""
    how = "without a login" if not registry.username else f"as {registry.username}"
    plain = ", over plain HTTP" if settings.REGISTRY_RULES.plain(registry.host) else ""
    try:
        with opened(registry, hurried=True) as client:
            client.ping()
            try:
                count = len(list(itertools.islice(client.catalog(), 1_000)))
            except RegistryError as error:
                if error.kind not in NO_CATALOG:
                    raise
                return True, f"{registry.host} answers {how}{plain}; it lists no repositories, so open one by its name."
    except RegistryError as error:
        return False, str(error)
    listed = "a thousand repositories or more" if count == 1_000 else f"{count} {_plural(count)}"
    return True, f"{registry.host} answers {how}{plain}, and lists {listed}."


def repositories(registry: Registry, page: int = 1) -> Listed:
    """A page of what the registry says it has."""
    try:
        with opened(registry, hurried=True) as client:
            return _page(client.catalog(), page)
    except RegistryError as error:
        if error.kind in NO_CATALOG:
            return Listed([], why=f"{registry.name} gives no list of its repositories: open one by its name. ({error})")
        return Listed([], why=str(error))


def tags(registry: Registry, repository: str, page: int = 1) -> Listed:
    """A page of the tags of a repository."""
    try:
        with opened(registry, hurried=True) as client:
            return _page(client.tags(repository), page)
    except RegistryError as error:
        return Listed([], why=str(error))


def there(client: RegistryClient, repository: str, tag: str) -> list[tuple[str, str]]:
    """The same as `matching`, without a tag that was named and that the repository does not have: one HEAD each."""
    pairs = matching(client, repository, tag)
    return pairs if is_pattern(tag) else [pair for pair in pairs if _has(client, *pair)]


def matching(client: RegistryClient, repository: str, tag: str) -> list[tuple[str, str]]:
    """The repositories and tags that two patterns, or names, mean now; a tag that is named is not asked for.

    Raises RegistryError, and TooMany past WATCH_MAX_TAGS.
    """
    most = settings.WATCH_MAX_TAGS
    names: Iterable[str] = [repository]
    if is_pattern(repository):
        names = (name for name in itertools.islice(client.catalog(), MOST_LISTED) if matches(repository, name))
    found: list[tuple[str, str]] = []
    for name in names:
        listed = _tags_if_any(client, name, listed=is_pattern(repository)) if is_pattern(tag) else iter([tag])
        found += ((name, each) for each in itertools.islice(listed, MOST_LISTED) if matches(tag, each))
        if len(found) > most:
            raise TooMany(
                Kind.TOO_LARGE, f"{repository}:{tag} matches more than WATCH_MAX_TAGS={most} tags; narrow it down."
            )
    return found


def _tags_if_any(client: RegistryClient, repository: str, *, listed: bool) -> Iterator[str]:
    """`listed`: the registry named it, and may still say that it has none, as where all its tags were deleted."""
    try:
        yield from client.tags(repository)
    except RegistryError as error:
        if not listed or error.kind is not Kind.NOT_FOUND:
            raise


def _has(client: RegistryClient, repository: str, tag: str) -> bool:
    try:
        client.digest(repository, tag)
    except RegistryError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
        return False
    return True


def _page(names: Iterator[str], page: int) -> Listed:
    # Counted from the start: registries differ in whether, and in which order, a list goes on behind a name.
    start = (min(page, MOST_LISTED // PAGE) - 1) * PAGE
    found = list(itertools.islice(names, start, start + PAGE + 1))
    return Listed(found[:PAGE], page, len(found) > PAGE)


def _plural(count: int) -> str:
    return "repository" if count == 1 else "repositories"
