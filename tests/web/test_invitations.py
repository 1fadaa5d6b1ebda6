"""Invitations: a link that lets one person in, once."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from analyzer.models import AuditLine, Invitation, Membership, Role
from analyzer.services.invitations import invite
from tests.cast import PASSWORD, Cast
from tests.web.budget import get_within_budget

NEW = {
    "username": "dora",
    "email": "dora@example.org",
    "password1": "a good long phrase",
    "password2": "a good long phrase",
}


def link(cast: Cast, role: str = "uploader") -> str:
    """The path of a new invitation by Alice."""
    response = cast.client(cast.alice).post("/teams/alices-team/invite/", {"role": role, "note": "Dora", "days": "7"})
    assert "no-store" in response["Cache-Control"]
    made: str = response.context["link"]
    return made.removeprefix("http://testserver")


def role_of(cast: Cast, name: str) -> str | None:
    return Membership.objects.filter(team=cast.team, user__username=name).values_list("role", flat=True).first()


def test_who_follows_it_makes_an_account_and_is_in(cast: Cast):
    address, dora = link(cast), Client()
    text = get_within_budget(dora, address).content.decode()
    assert "Join Alice&#x27;s team" in text
    assert "alice invites you as uploader" in text
    response = dora.post(address, NEW, follow=True)
    assert "Welcome, dora" in response.content.decode()
    assert role_of(cast, "dora") == Role.UPLOADER
    assert dora.get("/images/").status_code == 200
    assert AuditLine.objects.get(action="invitation.follow").actor == "dora"


def test_it_works_once(cast: Cast):
    address = link(cast)
    Client().post(address, NEW)
    for again in (Client(), cast.client(cast.charlie)):
        assert again.get(address).status_code == 404
        assert again.post(address, NEW | {"username": "erin"}).status_code == 404
    assert not User.objects.filter(username="erin").exists()
    assert role_of(cast, "charlie") is None


def test_who_is_logged_in_joins_with_that_account(cast: Cast):
    charlie, address = cast.client(cast.charlie), link(cast, "viewer")
    assert "You are logged in as charlie" in charlie.get(address).content.decode()
    assert role_of(cast, "charlie") is None  # to look is not to join
    assert charlie.post(address)["Location"] == "/teams/alices-team/"
    assert role_of(cast, "charlie") == Role.VIEWER


def test_who_has_an_account_is_led_back_after_logging_in(cast: Cast):
    address, browser = link(cast), Client()
    assert f'/accounts/login/?next={address}"' in browser.get(address).content.decode()
    form = {"username": "charlie", "password": PASSWORD, "next": address}
    assert browser.post("/accounts/login/", form)["Location"] == address


def test_nobody_becomes_less_by_it(cast: Cast):
    cast.client(cast.alice).post(link(cast, "viewer"))
    assert role_of(cast, "alice") == Role.OWNER


def test_a_wrong_form_uses_nothing_up(cast: Cast):
    address = link(cast)
    assert Client().post(address, NEW | {"password2": "another"}).status_code == 400
    assert Client().post(address, NEW | {"password1": "12345", "password2": "12345"}).status_code == 400
    assert Client().post(address, NEW | {"username": "alice"}).status_code == 400
    assert Client().post(address, NEW).status_code == 302


def test_it_ends_with_its_time_its_withdrawal_and_the_right_of_who_made_it(cast: Cast):
    address, row = link(cast), Invitation.objects.get()
    assert address.split("/")[2] not in str(row.__dict__)  # a hash is kept
    Invitation.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert Client().get(address).status_code == 404
    Invitation.objects.update(expires=timezone.now() + timedelta(days=1))
    assert Client().get(address).status_code == 200
    Membership.objects.filter(user=cast.alice).update(role=Role.UPLOADER)
    assert Client().post(address, NEW).status_code == 404
    Membership.objects.filter(user=cast.alice).update(role=Role.OWNER)
    cast.client(cast.alice).post(f"/teams/alices-team/invitations/{row.pk}/withdraw/")
    assert Client().get(address).status_code == 404
    assert not User.objects.filter(username="dora").exists()


def test_only_owners_invite_and_see_who_is_invited(cast: Cast):
    made, _ = invite(cast.team, cast.alice, Role.VIEWER, "Zelda", 7)
    assert "Zelda" in cast.client(cast.alice).get("/teams/alices-team/").content.decode()
    assert "Zelda" not in cast.client(cast.bob).get("/teams/alices-team/").content.decode()
    for user in (cast.bob, cast.charlie):
        form = {"role": "owner", "days": "7"}
        assert cast.client(user).post("/teams/alices-team/invite/", form).status_code == 404
    assert Invitation.objects.get() == made


def test_what_can_not_be_asked_for_is_refused(cast: Cast):
    alice = cast.client(cast.alice)
    for form in (
        {"role": "god", "days": "7"},
        {"role": "viewer", "days": "5000"},
        {"role": "viewer", "note": "x" * 101},
    ):
        assert alice.post("/teams/alices-team/invite/", form).status_code == 400
    assert not Invitation.objects.exists()


def test_a_made_up_link_leads_nowhere(cast: Cast):
    for secret in ("x", "a" * 43, Invitation.objects.count()):
        assert Client().get(f"/invitations/{secret}/").status_code == 404
