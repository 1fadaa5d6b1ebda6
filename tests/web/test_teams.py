"""Teams: who is in one, as what; changing that, leaving, and what goes with a right."""

from datetime import timedelta

import pytest
from django.test import Client

from analyzer.models import AuditLine, Invitation, Membership, Role, ShareLink, Upload
from analyzer.services import members, uploads
from analyzer.services.invitations import invite
from analyzer.services.tokens import issue_token
from tests.api.client import Api
from tests.cast import Cast
from tests.web.budget import get_within_budget

TEAM = "/teams/alices-team/"


def role_of(cast: Cast, name: str) -> str | None:
    return Membership.objects.filter(team=cast.team, user__username=name).values_list("role", flat=True).first()


def test_one_sees_the_own_teams_and_who_is_in_them(cast: Cast):
    bob = cast.client(cast.bob)
    text = get_within_budget(bob, "/teams/").content.decode()
    assert "Alice&#x27;s team" in text
    assert "Charlie" not in text
    text = get_within_budget(bob, TEAM).content.decode()
    assert "alice" in text
    assert "Invite" not in text
    assert bob.get(f"{TEAM}?format=json").json()["members"] == [
        {"name": "alice", "role": "owner"},
        {"name": "bob", "role": "uploader"},
    ]
    assert bob.get("/teams/?format=json").json()["teams"][0]["role"] == "uploader"


def test_an_owner_sets_roles_and_takes_people_out(cast: Cast):
    alice = cast.client(cast.alice)
    get_within_budget(alice, TEAM)
    assert alice.post(f"{TEAM}members/{cast.bob.pk}/role/", {"role": "viewer"}).status_code == 302
    assert role_of(cast, "bob") == Role.VIEWER
    alice.post(f"{TEAM}members/{cast.bob.pk}/role/", {"role": "emperor"})
    assert role_of(cast, "bob") == Role.VIEWER
    assert "Take bob out of" in alice.get(f"{TEAM}members/{cast.bob.pk}/remove/").content.decode()
    assert alice.post(f"{TEAM}members/{cast.bob.pk}/remove/").status_code == 302
    assert role_of(cast, "bob") is None
    assert cast.client(cast.bob).get(TEAM).status_code == 404
    told = list(AuditLine.objects.filter(action__startswith="member").order_by("pk").values_list("action", "actor"))
    assert told[-2:] == [("member.change", "alice"), ("member.remove", "alice")]


@pytest.mark.parametrize(
    ("address", "form"),
    [("leave/", {}), ("members/{pk}/remove/", {}), ("members/{pk}/role/", {"role": "uploader"})],
)
def test_the_last_owner_stays(cast: Cast, address: str, form: dict[str, str]):
    alice = cast.client(cast.alice)
    response = alice.post(TEAM + address.format(pk=cast.alice.pk), form, follow=True)
    assert "would have no owner left" in response.content.decode()
    assert role_of(cast, "alice") == Role.OWNER
    cast.give(cast.bob, Role.OWNER)
    alice.post(TEAM + address.format(pk=cast.alice.pk), form)
    assert role_of(cast, "alice") in (None, Role.UPLOADER)


def test_anybody_leaves(cast: Cast):
    bob = cast.client(cast.bob)
    assert "Leave Alice" in bob.get(f"{TEAM}leave/").content.decode()
    assert bob.post(f"{TEAM}leave/")["Location"] == "/teams/"
    assert role_of(cast, "bob") is None


def test_whose_right_ends_adds_nothing_more_not_even_what_was_begun(
    cast: Cast, django_capture_on_commit_callbacks: object
):
    begun = uploads.begin(cast.team, cast.bob, "app.tar", 10)
    bob = Api(cast.bob)
    at, headers = f"uploads/{begun.pk}/", {"Tus_Resumable": "1.0.0", "Upload_Offset": "0"}
    assert bob.call("PATCH", at, b"12345", "application/offset+octet-stream", **headers).status_code == 204
    membership = Membership.objects.get(user=cast.bob)
    cast.give(cast.bob, Role.VIEWER)
    headers["Upload_Offset"] = "5"
    assert bob.call("PATCH", at, b"67890", "application/offset+octet-stream", **headers).status_code == 404
    assert bob.call("HEAD", at, **{"Tus_Resumable": "1.0.0"}).status_code == 404
    sent = bob.call("PUT", "uploads/?name=a.tar&team=alices-team", b"no archive")
    assert sent.status_code == 404
    assert bob.get("images/").status_code == 200  # a viewer's token reads
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        members.remove(membership)
    assert not Upload.objects.filter(pk=begun.pk).exists()


@pytest.fixture
def demoted_meanwhile(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bob becomes a viewer while his bytes arrive."""
    receive = uploads.receive

    def received(*args: object) -> int:
        arrived = receive(*args)  # type: ignore[arg-type]
        cast.give(cast.bob, Role.VIEWER)
        return arrived

    monkeypatch.setattr(uploads, "receive", received)


@pytest.mark.usefixtures("demoted_meanwhile")
def test_who_is_demoted_while_the_last_bytes_come_makes_no_job(cast: Cast):
    begun = uploads.begin(cast.team, cast.bob, "app.tar", 5)
    headers = {"Tus_Resumable": "1.0.0", "Upload_Offset": "0"}
    sent = Api(cast.bob).call("PATCH", f"uploads/{begun.pk}/", b"12345", "application/offset+octet-stream", **headers)
    assert sent.status_code == 404
    assert not cast.team.jobs.exists()


@pytest.mark.usefixtures("demoted_meanwhile")
def test_a_pipe_whose_sender_is_demoted_meanwhile_becomes_no_job(cast: Cast):
    assert Api(cast.bob).call("PUT", "uploads/?name=a.tar&team=alices-team", b"no archive").status_code == 410
    assert not cast.team.jobs.exists()
    assert not Upload.objects.exists()


def test_tokens_of_who_was_taken_out_see_nothing_of_the_team(cast: Cast):
    _, text = issue_token(cast.bob, "ci")
    members.remove(Membership.objects.get(user=cast.bob))
    answer = Client().get("/api/v1/registries/", headers={"Authorization": f"Bearer {text}"})
    assert answer.json() == []


def test_links_that_a_member_made_go_along(cast: Cast):
    cast.give(cast.bob, Role.OWNER)
    invite(cast.team, cast.bob, Role.OWNER, "", 7)
    link = ShareLink(team=cast.team, user=cast.bob, page="report", title="Report")
    link.set_secret(timedelta(days=1))
    link.save()
    members.set_role(Membership.objects.get(user=cast.bob), Role.VIEWER)
    assert not Invitation.objects.exists()
    members.remove(Membership.objects.get(user=cast.bob))
    assert not ShareLink.objects.exists()


def test_an_account_without_a_team_is_told_how_to_get_into_one(cast: Cast):
    Membership.objects.filter(user=cast.bob).delete()
    assert "An owner of a team sends you a link" in cast.client(cast.bob).get("/teams/").content.decode()


def test_a_bad_id_gives_404(cast: Cast):
    alice = cast.client(cast.alice)
    for address in ("/teams/no-such-team/", f"{TEAM}members/999999/remove/", "/teams/no-such-team/leave/"):
        assert alice.get(address).status_code == 404
    assert alice.post(f"{TEAM}invitations/999999/withdraw/").status_code == 404


def test_ownership_is_checked(cast: Cast):
    """Also where a member of another team is named by the address of one's own."""
    charlie = cast.client(cast.charlie)
    assert charlie.get(TEAM).status_code == 404
    for pk in (cast.alice.pk, cast.bob.pk):
        assert charlie.post(f"{TEAM}members/{pk}/role/", {"role": "viewer"}).status_code == 404
        assert charlie.post(f"/teams/charlies-team/members/{pk}/role/", {"role": "viewer"}).status_code == 404
        assert charlie.post(f"/teams/charlies-team/members/{pk}/remove/").status_code == 404
    made, _ = invite(cast.team, cast.alice, Role.VIEWER, "", 7)
    assert charlie.post(f"/teams/charlies-team/invitations/{made.pk}/withdraw/").status_code == 404
    bob = cast.client(cast.bob)
    assert bob.post(f"{TEAM}members/{cast.bob.pk}/role/", {"role": "owner"}).status_code == 404
    assert role_of(cast, "bob") == Role.UPLOADER
