"""Scopes: what an address may ask for, and which images it means."""

from datetime import date

import pytest
from django.http import Http404, QueryDict

from analyzer.selectors.access import OPERATOR
from analyzer.selectors.scoping import ScopeQuery, scoped
from tests.cast import Cast
from tests.rows import add_image


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    add_image(cast.team, ["node:argon", "app"], layers={"a": 1, "b": 2}, minutes=0)
    add_image(cast.team, ["node:boron"], layers={"a": 1, "c": 2}, minutes=24 * 60)
    add_image(cast.team, ["python:3.11"], layers={"a": 1}, minutes=48 * 60)
    add_image(cast.other_team, ["secret"], layers={"a": 1, "d": 2})
    return cast


def names(cast: Cast, **asked: str) -> set[str]:
    scope = scoped(cast.alice, ScopeQuery.from_get(asked))
    return {image.references[0].removeprefix("docker.io/library/") for image in scope.images.values()}


def test_an_empty_query_is_everything_the_viewer_may_see(shelf: Cast):
    assert names(shelf) == {"app:latest", "node:boron", "python:3.11"}
    assert ScopeQuery.from_get({}).is_everything


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*:latest", {"app:latest"}),
        ("node:*", {"app:latest", "node:boron"}),
        ("docker.io/library/python:*", {"python:3.11"}),
        ("3.*", {"python:3.11"}),
        ("[ab]*on", {"app:latest", "node:boron"}),
        ("nothing", set()),
    ],
)
def test_a_tag_pattern_matches_a_reference_or_its_tag(shelf: Cast, pattern: str, found: set[str]):
    assert names(shelf, tag=pattern) == found


def test_a_repository_is_meant_as_people_write_it(shelf: Cast):
    assert names(shelf, repository="node") == {"app:latest", "node:boron"}
    assert names(shelf, repository="docker.io/library/node", tag="b*") == {"node:boron"}
    assert names(shelf, repository="NOT A NAME") == set()


def test_days_are_both_included(shelf: Cast):
    assert names(shelf, since="2026-11-25") == {"node:boron", "python:3.11"}
    assert names(shelf, until="2026-11-24") == {"app:latest"}
    assert names(shelf, since="2026-11-25", until="2026-11-25") == {"node:boron"}


def test_a_team_is_known_by_its_own_references_and_times(shelf: Cast):
    add_image(shelf.other_team, ["theirs:1"], layers={"a": 1, "c": 2}, image_id="sha256:" + "7" * 64)
    shelf.other_team.memberships.create(user=shelf.alice)
    assert names(shelf, team=shelf.other_team.slug) == {"secret:latest", "theirs:1"}
    assert names(shelf, team=shelf.other_team.slug, tag="node:*") == set()


def test_a_team_of_others_is_not_found(shelf: Cast):
    with pytest.raises(Http404):
        scoped(shelf.alice, ScopeQuery(team=shelf.other_team.slug))


def test_who_runs_commands_on_the_server_sees_all_teams(shelf: Cast):
    assert len(scoped(OPERATOR, ScopeQuery()).images) == 4
    assert len(scoped(OPERATOR, ScopeQuery(team=shelf.other_team.slug)).images) == 1


@pytest.mark.parametrize("asked", [{"since": "soon"}, {"until": "2026-13-01"}])
def test_what_is_no_date_is_refused_in_a_sentence(asked: dict[str, str]):
    with pytest.raises(ValueError, match="is not a date: write it as 2026-11-24"):
        ScopeQuery.from_get(asked)


def test_a_scope_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        ScopeQuery.from_get({"since": "2026-11-25", "until": "2026-11-24"})


def test_a_query_survives_its_address():
    query = ScopeQuery("web", "node", "*:1&2", date(2026, 1, 2), date(2026, 3, 4))
    assert ScopeQuery.from_get(QueryDict(query.as_query())) == query
    assert query.words == "of team web in node tagged *:1&2 that came in from 2026-01-02 to 2026-03-04"
    assert ScopeQuery().as_query() == "" == ScopeQuery().words
