"""What goes into and comes out of the API of registries. A password goes in alone."""

from ninja import Field, Schema
from pydantic import SecretStr


class RegistryIn(Schema):
    team: str = Field("", description="The slug of a team that you own; the first one if none is named.")
    name: str = Field(max_length=100)
    host: str = Field(max_length=255, description="As references write it: `registry.example.org:5000`.")
    username: str = Field("", max_length=255)
    password: SecretStr = Field(SecretStr(""), description="Or a token. Written, never read.", max_length=5_000)


class RateOut(Schema):
    limit: int | None
    remaining: int | None
    window_seconds: int | None
    seen: str | None


class RegistryOut(Schema):
    id: int
    name: str
    team: str
    host: str
    username: str | None
    has_password: bool
    has_webhook: bool
    watches: int
    may_change: bool = Field(description="Whether you own its team.")
    rate_limit: RateOut | None = Field(description="As the registry last said; null where it never did.")
    quiet_until: str | None = Field(description="The registry asked to be left alone until then.")
    created: str


class TestOut(Schema):
    works: bool
    detail: str


class ListedOut(Schema):
    page: int
    further: bool
    names: list[str]
    detail: str | None


class MatchingIn(Schema):
    repository: str = Field(max_length=255, description="A repository or a glob.")
    tag: str = Field("latest", max_length=128, description="A tag or a glob.")


class PulledJob(Schema):
    id: str
    url: str
    reference: str


class PulledOut(Schema):
    jobs: list[PulledJob]


class WatchIn(Schema):
    repository: str = Field(max_length=255, description="A repository or a glob.")
    tag: str = Field("latest", max_length=128, description="A tag or a glob.")
    every_seconds: int = Field(3600, description="300, 900, 3600, 21600 or 86400.")
    from_now_on: bool = Field(False, description="What is there at the first look is not brought.")


class WatchPatch(Schema):
    paused: bool


class WatchOut(Schema):
    id: int
    registry: int
    repository: str
    tag: str
    every_seconds: int
    paused: bool
    tags: int | None
    next_poll: str | None
    polled: str | None
    error: str | None
    created: str


class WatchedTagOut(Schema):
    repository: str
    tag: str
    digest: str
    changed: str | None
    checked: str | None
    job: str | None
    job_state: str | None
