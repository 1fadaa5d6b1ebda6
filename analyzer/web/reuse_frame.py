"""What all pages of Reuse stand in: the scope that their address asks for, the form that sets it, and their tabs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from analyzer.models import Team
from analyzer.selectors.access import teams_of
from analyzer.selectors.bases import bases_of
from analyzer.selectors.scope import Scope, ScopeImage, scope_of
from analyzer.selectors.scoping import ScopeQuery, narrowed
from analyzer.units import grouped

TABS = (
    ("reuse", "Ladder"),
    ("reuse-forest", "Forest"),
    ("reuse-heat-map", "Heat map"),
    ("reuse-grid", "Grid"),
    ("reuse-bases", "Bases"),
    ("reuse-near-misses", "Near misses"),
    ("reuse-what-if", "What if"),
    ("reuse-common-ground", "Common ground"),
    ("reuse-compare", "Compare"),
    ("report", "Report"),
)


@dataclass(frozen=True)
class Frame:
    """The scope of a page. `error` is a sentence where the address asks for what can't be; dates are left out then."""

    query: ScopeQuery
    scope: Scope
    everything: Scope  # all that the viewer may see
    teams: list[Team]  # the viewer's
    error: str
    here: str  # the name of the page's address

    @cached_property
    def bases(self) -> dict[int, ScopeImage]:
        """The base of each image, among all that the viewer may see."""
        return bases_of(self.everything)

    @property
    def owners(self) -> list[Team]:
        """The viewer's teams that the scope is about."""
        return [team for team in self.teams if self.query.team in ("", team.slug)]

    @property
    def words(self) -> str:
        """`13 images of team web tagged *:latest`"""
        number = len(self.scope.images)
        images = "1 image" if number == 1 else f"{grouped(number)} images"
        return f"{images} {self.query.words}".strip()

    @property
    def context(self) -> dict[str, Any]:
        """What `reuse_base.html` and `_scope_form.html` are filled with."""
        return {"frame": self, "scope": self.scope, "scope_query": self.query, "tabs": self._tabs()}

    def address(self, name: str) -> str:
        """The address of a page in the same scope. Raises NoReverseMatch."""
        query = self.query.as_query()
        return f"{reverse(name)}?{query}" if query else reverse(name)

    def _tabs(self) -> list[Mapping[str, Any]]:
        tabs: list[Mapping[str, Any]] = []
        for name, label in TABS:
            try:
                tabs.append({"label": label, "address": self.address(name), "here": name == self.here})
            except NoReverseMatch:
                continue
        return tabs


def frame(request: HttpRequest) -> Frame:
    """The frame of the page that `request` asks for. Nine queries at most. Raises Http404 for a team of others."""
    error = ""
    try:
        query = ScopeQuery.from_get(request.GET)
    except ValueError as refused:
        error = str(refused)
        query = ScopeQuery.from_get({name: request.GET.get(name, "") for name in ("team", "repository", "tag")})
    everything = scope_of(request.user)
    match = request.resolver_match
    return Frame(
        query=query,
        scope=narrowed(request.user, everything, query),
        everything=everything,
        teams=list(teams_of(request.user)),
        error=error,
        here=(match.url_name or "") if match else "",
    )
