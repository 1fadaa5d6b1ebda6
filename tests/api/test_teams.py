"""Teams by the API."""

from tests.api.client import Api
from tests.cast import Cast


def test_one_sees_the_own_teams_and_who_is_in_them(cast: Cast) -> None:
    bob = Api(cast.bob)
    (team,) = bob.get("teams/").json()
    assert (team["team"], team["role"], team["people"], team["images"]) == ("alices-team", "uploader", 2, 0)
    members = bob.get("teams/alices-team/members/").json()
    assert members == [{"name": "alice", "role": "owner"}, {"name": "bob", "role": "uploader"}]


def test_a_bad_id_gives_404(cast: Cast) -> None:
    assert Api(cast.alice).get("teams/no-such-team/members/").status_code == 404


def test_ownership_is_checked(cast: Cast) -> None:
    charlie = Api(cast.charlie)
    assert [team["team"] for team in charlie.get("teams/").json()] == ["charlies-team"]
    assert charlie.get("teams/alices-team/members/").status_code == 404
    assert Api(None).get("teams/").status_code == 401
