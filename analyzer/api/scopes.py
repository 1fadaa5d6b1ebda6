"""The scope of a report: which of your images it is about."""

from datetime import date

from django.http import QueryDict
from ninja import Field, Schema


class ScopeAsked(Schema):
    """The parameters that the pages of Reuse have."""

    team: str = Field("", description="A team of yours, by its slug.")
    repository: str = Field("", description="A repository, as `node` or `docker.io/library/node`.")
    tag: str = Field("", description="A glob that a reference or its tag must match, as `*:latest`.")
    since: date | None = Field(None, description="The first day on which images came in.")
    until: date | None = Field(None, description="The last day.")

    @property
    def parameters(self) -> QueryDict:
        """As the page's twin is asked for."""
        asked = QueryDict(mutable=True)
        asked.update({"format": "json", **{name: str(value) for name, value in self.dict().items() if value}})
        return asked


class ScopeOut(Schema):
    team: str | None
    repository: str | None
    tag: str | None
    since: str | None
    until: str | None
