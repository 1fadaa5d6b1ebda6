"""Tokens: made, shown once, revoked after a question."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from analyzer.models import ApiToken
from analyzer.services.tokens import bearer_of, issue_token
from tests.cast import Cast
from tests.web.budget import get_within_budget

ASKED = {"name": "CI", "scope": "upload", "team": "", "days": "30"}


@pytest.fixture
def alice(cast: Cast) -> Client:
    return cast.client(cast.alice)


def test_a_new_token_is_shown_once_and_works(alice: Client, cast: Cast) -> None:
    text = alice.post("/tokens/", ASKED).content.decode()
    found = re.search(r"lay_[\w-]{40,}", text)
    assert found
    assert bearer_of(found[0]) == cast.alice
    again = alice.get("/tokens/").content.decode()
    assert "CI" in again
    assert found[0] not in again
    assert found[0][:8] in again


def test_a_page_with_a_token_on_it_is_not_kept_by_browsers(alice: Client) -> None:
    assert "no-store" in alice.post("/tokens/", ASKED)["Cache-Control"]


def test_a_token_without_a_name_is_not_made(alice: Client) -> None:
    for name in ("", " ", "x" * 101):
        response = alice.post("/tokens/", ASKED | {"name": name})
        assert response.status_code == 400
        assert 'role="alert"' in response.content.decode()
    assert not ApiToken.objects.exists()


def test_scope_team_and_expiry_are_those_that_were_chosen(alice: Client, cast: Cast) -> None:
    alice.post("/tokens/", ASKED | {"scope": "read", "team": cast.team.slug, "days": ""})
    alice.post("/tokens/", ASKED)
    second, first = ApiToken.objects.order_by("-pk")
    assert (first.scope, first.team, first.expires) == ("read", cast.team, None)
    assert (second.scope, second.team) == ("upload", None)
    assert second.expires is not None
    assert 29 <= (second.expires - timezone.now()).days <= 30


def test_no_other_scope_team_or_time_is_to_be_had(alice: Client, cast: Cast) -> None:
    for wrong in ({"scope": "root"}, {"team": cast.other_team.slug}, {"days": "9999"}, {"days": "x"}):
        response = alice.post("/tokens/", ASKED | wrong)
        assert response.status_code == 400
        assert 'role="alert"' in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_name_is_data(alice: Client) -> None:
    alice.post("/tokens/", ASKED | {"name": "<script>alert(1)</script>"})
    assert "<script>alert" not in alice.get("/tokens/").content.decode()


def test_a_token_is_revoked_after_a_question(alice: Client, cast: Cast) -> None:
    token, text = issue_token(cast.alice, "CI")
    question = alice.get(f"/tokens/{token.pk}/revoke/")
    assert "Revoke CI?" in question.content.decode()
    assert bearer_of(text) == cast.alice
    assert alice.post(f"/tokens/{token.pk}/revoke/", follow=True).redirect_chain == [("/tokens/", 302)]
    assert bearer_of(text) is None


def test_the_page_keeps_to_its_budget(alice: Client, cast: Cast) -> None:
    for number in range(5):
        issue_token(cast.alice, f"token {number}")
    assert get_within_budget(alice, "/tokens/").status_code == 200


def test_who_is_not_logged_in_is_asked_to(db: None) -> None:
    assert Client().get("/tokens/")["Location"].startswith("/accounts/login/")


def test_a_bad_id_gives_404(alice: Client) -> None:
    assert alice.get("/tokens/999999/revoke/").status_code == 404
    assert alice.post("/tokens/999999/revoke/").status_code == 404


def test_ownership_is_checked(cast: Cast) -> None:
    token, text = issue_token(cast.alice, "Alice's robot")
    for other in (cast.bob, cast.charlie):  # a token is a person's, not a team's
        client = cast.client(other)
        assert "robot" not in client.get("/tokens/").content.decode()
        assert client.get(f"/tokens/{token.pk}/revoke/").status_code == 404
        assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert bearer_of(text) == cast.alice
