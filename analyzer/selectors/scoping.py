"""Which images the figures of sharing are about: all that the viewer may see, or what an address narrows them to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from urllib.parse import urlencode

from django.http import QueryDict

from analyzer.models import Holding, Reference, Team
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.selectors.access import Viewer, team_for
from analyzer.selectors.scope import Scope, ScopeImage, scope_of


@dataclass(frozen=True, slots=True)
class ScopeQuery:
    """What a scope is narrowed to; an empty one is everything.

    `team` is a slug; `repository` a name as people write it (`node` is `docker.io/library/node`); `tag` a glob that
    a reference must match, whole or as people write it (`*:latest`, `node:*`), or its tag alone (`1.*`); `since` and
    `until` are days (UTC) between which the image came in, both included.
    """

    team: str = ""
    repository: str = ""
    tag: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_get(cls, parameters: QueryDict | Mapping[str, str]) -> "ScopeQuery":
        """The scope that an address asks for. Raises ValueError, with a sentence, for what is no date."""
        since, until = (_day(name, parameters.get(name) or "") for name in ("since", "until"))
        if since and until and until < since:
            raise ValueError(f"The scope ends on {until}, before it begins on {since}.")
        team, repository, tag = ((parameters.get(name) or "").strip() for name in ("team", "repository", "tag"))
        return cls(team, repository, tag, since, until)

    @property
    def is_everything(self) -> bool:
        return self == ScopeQuery()

    @property
    def parameters(self) -> dict[str, str]:
        """What stands in an address, without what is not asked for."""
        values = (("team", self.team), ("repository", self.repository), ("tag", self.tag))
        days = (("since", self.since), ("until", self.until))
        return {name: str(value) for name, value in (*values, *days) if value}

    def as_query(self) -> str:
        """`team=web&tag=%2A%3Alatest`; nothing for everything."""
        return urlencode(self.parameters)

    @property
    def words(self) -> str:
        """`of team web tagged *:latest`, to stand behind a number of images; nothing for everything."""
        return " ".join(self._words())

    def _words(self) -> Iterator[str]:
        if self.team:
            yield f"of team {self.team}"
        if self.repository:
            yield f"in {self.repository}"
        if self.tag:
            yield f"tagged {self.tag}"
        if self.since and self.until:
            yield f"that came in from {self.since} to {self.until}"
        elif self.since:
            yield f"that came in since {self.since}"
        elif self.until:
            yield f"that came in until {self.until}"


def scoped(viewer: Viewer, query: ScopeQuery) -> Scope:
    """The scope that `query` asks for. Raises Http404 for a team that is not the viewer's."""
    return narrowed(viewer, scope_of(viewer), query)


def narrowed(viewer: Viewer, everything: Scope, query: ScopeQuery) -> Scope:
    """The same of a scope that is at hand: at most three queries. Raises Http404."""
    if query.is_everything:
        return everything
    images = everything.images
    if query.team:
        images = _held(images, team_for(viewer, query.team))
    if query.since or query.until:
        images = {pk: image for pk, image in images.items() if _is_between(image.came_in, query)}
    if query.repository or query.tag:
        images = {pk: image for pk, image in images.items() if _is_called(image, query)}
    return replace(everything, images=images)


def _held(images: Mapping[int, ScopeImage], team: Team) -> dict[int, ScopeImage]:
    """The images of the team, with its own references, and the time at which each came into it."""
    known: dict[int, list[str]] = {}
    rows = (
        Reference.objects.filter(team=team).order_by("repository", "tag").values_list("image_id", "repository", "tag")
    )
    for pk, repository, tag in rows:
        known.setdefault(pk, []).append(f"{repository}:{tag}")
    held = Holding.objects.filter(team=team).values_list("image_id", "created")
    return {
        pk: replace(images[pk], came_in=came_in, references=tuple(known.get(pk, ())))
        for pk, came_in in held
        if pk in images
    }


def _is_between(came_in: datetime | None, query: ScopeQuery) -> bool:
    if came_in is None:
        return False
    day = came_in.astimezone(UTC).date()
    return (query.since is None or query.since <= day) and (query.until is None or day <= query.until)


def _is_called(image: ScopeImage, query: ScopeQuery) -> bool:
    return any(_is_in(text, query.repository) and is_tagged(text, query.tag) for text in image.references)


def _is_in(reference: str, repository: str) -> bool:
    if not repository:
        return True
    try:
        wanted = parse_reference(repository)
    except InvalidReference:
        return False
    return reference.rpartition(":")[0] == f"{wanted.registry}/{wanted.repository}"


def is_tagged(reference: str, pattern: str) -> bool:
    """Whether the glob matches the reference, whole or as people write it, or its tag alone; an empty one does."""
    if not pattern:
        return True
    short = reference.removeprefix("docker.io/").removeprefix("library/")
    return any(fnmatchcase(text, pattern) for text in (reference, short, reference.rpartition(":")[2]))


def _day(name: str, text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{name} is not a date: write it as 2026-11-24.") from None
