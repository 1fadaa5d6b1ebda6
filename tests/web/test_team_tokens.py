"""Tokens of a team: made by owners, shown once, nobody's, revoked on the team's page."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analyzer.models import ApiToken, AuditLine, Job, Membership, TokenScope, Upload
from analyzer.selectors.teams import token_documents
from analyzer.services.tokens import issue_team_token, issue_token
from tests.api.client import Api
from tests.cast import Cast
from tests.web.budget import get_within_budget

TEAM = "/teams/alices-team/"
ASKED = {"name": "CI", "scope": "upload", "days": "30"}


@pytest.fixture
def alice(cast: Cast) -> Client:
    return cast.client(cast.alice)


def api_of(text: str) -> Api:
    api = Api(None)
    api.bearer = {"Authorization": f"Bearer {text}"}
    return api


@pytest.fixture
def machine(cast: Cast) -> Api:
    return api_of(issue_team_token(cast.team, cast.alice, "CI")[1])


def test_an_owner_makes_one_which_is_shown_once_and_stays_when_they_leave(alice: Client, cast: Cast) -> None:
    answer = alice.post(f"{TEAM}tokens/", ASKED)
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r"lay_[\w-]{40,}", answer.content.decode())
    assert found
    again = get_within_budget(alice, TEAM).content.decode()
    assert found[0] not in again
    assert "by alice" in again
    listed = alice.get(f"{TEAM}tokens/?format=json").json()["tokens"]
    assert [(each["name"], each["scope"], each["made_by"]) for each in listed] == [("CI", "upload", "alice")]
    assert "CI" in alice.get(f"{TEAM}tokens/?format=csv").content.decode()
    assert alice.get(f"{TEAM}tokens/")["Location"] == f"{TEAM}#tokens"
    assert ApiToken.objects.get().sha256 == ApiToken.hash_of(found[0])
    cast.alice.delete()
    assert api_of(found[0]).get("teams/").json()[0]["team"] == "alices-team"


def test_many_are_listed_with_one_query(cast: Cast, django_assert_num_queries) -> None:
    for number in range(3):
        issue_team_token(cast.team, cast.alice, f"CI {number}")
    with django_assert_num_queries(1):
        assert {each["team"] for each in token_documents(cast.team)} == {"alices-team"}


def test_no_other_scope_or_time_is_to_be_had(alice: Client, cast: Cast) -> None:
    for wrong in ({"scope": "admin"}, {"scope": "root"}, {"days": "9999"}, {"name": " "}, {"name": "x" * 101}):
        answer = alice.post(f"{TEAM}tokens/", ASKED | wrong)
        assert answer.status_code == 400
        assert "Say what the token is for" in answer.content.decode()
    assert not ApiToken.objects.exists()
    for limits in ({"team": None, "scope": "read"}, {"team": cast.team, "scope": "admin"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiToken.issue(None, "CI", **limits)


def test_what_it_brings_is_the_teams_and_the_log_says_by_which_token(machine: Api, cast: Cast) -> None:
    at = machine.create(5)["Location"]
    assert [each["offset"] for each in machine.get("uploads/").json()] == [0]
    assert Api(cast.alice).get("uploads/").json() == []
    job = machine.patch(at, 0, b"abcde", Accept="application/json").json()
    assert (job["user"], job["token"], job["team"]) == (None, "CI", "alices-team")
    assert machine.call("PUT", "uploads/?name=b.tar", b"no archive").status_code == 202
    row = Job.objects.get(pk=job["id"])
    assert (row.team, row.user) == (cast.team, None)
    page = cast.client(cast.bob).get(f"/jobs/{row.pk}/").content.decode()
    assert "by the team’s token CI" in page
    assert machine.call("POST", f"jobs/{row.pk}/cancel/").status_code == 200
    token = ApiToken.objects.get(user=None)
    for line in AuditLine.objects.filter(action__in=["upload.begin", "job.cancel"]):
        assert (line.actor, line.actor_id, line.team) == ("token CI", None, "alices-team")
        assert (line.details["by_token"], line.details["token"]) == ("CI", token.pk)
    Api(cast.alice).call("PUT", "uploads/?name=c.tar", b"no archive")
    line = AuditLine.objects.filter(action="upload.begin")[0]
    assert (line.actor, line.details["by_token"]) == ("alice", "tests")


def test_it_may_what_its_scope_says_in_its_team_and_decides_nothing(machine: Api, cast: Cast) -> None:
    reads = api_of(issue_team_token(cast.team, cast.alice, "dashboard", TokenScope.READ)[1])
    assert reads.create(5).status_code == 403
    assert machine.create(5, team="charlies-team").status_code == 404
    for api in (reads, machine):
        assert api.get("teams/alices-team/members/").status_code == 200
        assert [each["team"] for each in api.get("teams/").json()] == ["alices-team"]
        for path in ("overview/", "reports/forest/", "jobs/", "images/", "find/?q=x", "registries/"):
            assert api.get(path).status_code == 200, path
        for path in ("teams/alices-team/tokens/", "teams/charlies-team/members/", "engine/images/"):
            assert api.get(path).status_code == 404, path
    _, text = issue_token(cast.alice, "one team's", team=cast.team)
    Membership.objects.create(team=cast.other_team, user=cast.alice, role="viewer")
    assert [each["team"] for each in api_of(text).get("teams/").json()] == ["alices-team"]


def test_it_ends_by_its_time_and_by_revocation_with_what_it_had_begun(machine: Api, alice: Client) -> None:
    token = ApiToken.objects.get()
    machine.create(5)
    address = f"{TEAM}tokens/{token.pk}/revoke/"
    assert "Revoke CI?" in alice.get(address).content.decode()
    ApiToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert machine.get("jobs/").status_code == 401
    assert "expired" in alice.get(TEAM).content.decode()
    ApiToken.objects.update(expires=None)
    assert machine.get("jobs/").status_code == 200
    assert alice.post(address)["Location"] == TEAM
    assert machine.get("jobs/").status_code == 401
    assert not Upload.objects.exists()


def test_a_bad_id_gives_404_and_ownership_is_checked(machine: Api, alice: Client, cast: Cast) -> None:
    token = ApiToken.objects.get()
    assert alice.get(f"{TEAM}tokens/999999/revoke/").status_code == 404
    own = issue_token(cast.alice, "her own", team=cast.team)[0]
    assert alice.get(f"{TEAM}tokens/{own.pk}/revoke/").status_code == 404
    for other in (cast.bob, cast.charlie):
        client = cast.client(other)
        assert client.post(f"{TEAM}tokens/", ASKED).status_code == 404
        assert client.get(f"{TEAM}tokens/?format=json").status_code == 404
        assert client.post(f"{TEAM}tokens/{token.pk}/revoke/").status_code == 404
        assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert "Tokens of the team" not in cast.client(cast.bob).get(TEAM).content.decode()
