"""Log-in by an OpenID provider: the whole code flow against one on loopback, and what a wrong answer gets."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from analyzer.models import Identity, Membership, Role
from analyzer.services import oidc_client
from tests.cast import PASSWORD, Cast
from tests.oidc_provider import CLIENT, SECRET, Provider, provider

BEGIN, BACK = "/accounts/oidc/", "/accounts/oidc/callback/"


@pytest.fixture(scope="module")
def listening() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def issuer(listening: Provider, settings: Settings) -> Iterator[Provider]:
    before = dict(vars(listening))
    oidc_client.forget()
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = listening.issuer, CLIENT
    settings.OIDC_CLIENT_SECRET, settings.OIDC_NAME = SECRET, "Corp"
    yield listening
    vars(listening).update(before, codes={}, asked=[])


def gone_there(browser: Client, query: str = "") -> str:
    """Follows the way to the provider; the address on this site that it sends the browser back to."""
    response = browser.get(f"{BEGIN}{query}")
    assert response.status_code == 302, response.content
    back = httpx.get(response["Location"], follow_redirects=False).headers["Location"]
    assert back.startswith(f"http://testserver{BACK}?")
    return str(back).removeprefix("http://testserver")


def come(browser: Client, query: str = "") -> Any:
    return browser.get(gone_there(browser, query))


def who(browser: Client) -> str | None:
    user = browser.get("/account/").wsgi_request.user
    return user.get_username() or None


def test_whom_the_provider_vouches_for_is_logged_in_with_an_account_of_their_own(cast: Cast, issuer: Provider):
    issuer.claims = {"sub": "1", "preferred_username": "jane", "email": "jane@example.org", "email_verified": True}
    browser = Client()
    assert "Log in with Corp" in browser.get("/accounts/login/").content.decode()
    assert come(browser, "?next=/jobs/")["Location"] == "/jobs/"
    jane = User.objects.get(username="jane")
    assert (who(browser), jane.email, jane.has_usable_password()) == ("jane", "jane@example.org", False)
    assert "You are in no team yet" in browser.get("/teams/").content.decode()
    again = Client()
    come(again)
    assert who(again) == "jane"
    assert User.objects.filter(username__startswith="jane").count() == 1
    assert issuer.asked.count("/keys") == 1  # keys and metadata are kept
    assert issuer.asked.count("/.well-known/openid-configuration") == 1


def test_new_people_may_see_a_team_from_the_start(cast: Cast, issuer: Provider, settings: Settings):
    settings.OIDC_TEAM = "alices-team"
    come(Client())
    assert Membership.objects.get(user__username="jane").role == Role.VIEWER


def test_a_name_or_an_address_gives_nobody_an_existing_account(cast: Cast, issuer: Provider):
    cast.alice.email = "alice@example.org"
    cast.alice.save()
    issuer.claims = {"sub": "2", "preferred_username": "Alice", "email": "alice@example.org", "email_verified": True}
    browser = Client()
    come(browser)
    assert who(browser) == "Alice-2"
    assert browser.get("/teams/alices-team/").status_code == 404


def test_an_address_that_was_not_checked_is_not_taken_over(cast: Cast, issuer: Provider):
    issuer.claims = {"sub": "3", "email": "boss@example.org", "email_verified": False}
    come(Client())
    assert User.objects.get(username="boss").email == ""


def test_who_is_logged_in_connects_the_account(cast: Cast, issuer: Provider, settings: Settings):
    settings.OIDC_CREATE_USERS = False
    stranger = Client()
    assert "No account here is connected with you" in come(stranger).content.decode()
    assert who(stranger) is None
    alice = cast.client(cast.alice)
    assert come(alice)["Location"] == "/account/"
    assert "248289761001" in alice.get("/account/").content.decode()
    browser = Client()
    come(browser)
    assert who(browser) == "alice"
    bob = cast.client(cast.bob)
    assert "Another account here is connected" in come(bob).content.decode()
    assert Identity.objects.get().user == cast.alice


def test_a_closed_account_stays_closed(cast: Cast, issuer: Provider):
    come(Client())
    User.objects.filter(username="jane").update(is_active=False)
    browser = Client()
    assert "This account is closed" in come(browser).content.decode()
    assert who(browser) is None


@pytest.mark.parametrize(
    ("claim", "value", "told"),
    [
        ("aud", "another", "does not hold"),
        ("aud", [CLIENT, "another"], "for another program"),
        ("azp", "another", "for another program"),
        ("iss", "https://evil.example", "does not hold"),
        ("exp", 1_000_000_000, "does not hold"),
        ("iat", 9_999_999_999, "does not hold"),
        ("nonce", "another", "of another log-in"),
        ("sub", None, "does not hold"),
        ("exp", None, "does not hold"),
    ],
)
def test_an_id_token_that_does_not_hold_logs_nobody_in(
    db: None, issuer: Provider, claim: str, value: object, told: str
):
    def mischief(claims: dict[str, Any]) -> None:
        claims.pop(claim, None)
        if value is not None:
            claims[claim] = value

    issuer.mischief = mischief
    browser = Client()
    response = come(browser)
    assert (response.status_code, told in response.content.decode()) == (403, True)
    assert who(browser) is None
    assert not User.objects.exists()


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_signature_that_anybody_can_make_does_not_count(db: None, issuer: Provider, algorithm: str):
    issuer.algorithm = algorithm
    assert come(Client()).status_code == 403


def test_a_key_that_is_not_published_does_not_count_and_a_new_one_is_asked_for(db: None, issuer: Provider):
    come(Client())
    issuer.new_key()
    browser = Client()
    come(browser)
    assert who(browser) == "jane"
    published = issuer.keys()
    issuer.new_key()
    issuer.keys = lambda: published  # type: ignore[method-assign]
    try:
        assert "a key that it does not publish" in come(Client()).content.decode()
    finally:
        del issuer.keys


def test_an_answer_belongs_to_the_browser_that_began_and_counts_once(db: None, issuer: Provider):
    browser, other = Client(), Client()
    back = gone_there(browser)
    assert other.get(back).status_code == 403  # a link with somebody else's code logs nobody in
    other.get(BEGIN)
    assert other.get(back).status_code == 403
    assert browser.get(back).status_code == 302
    assert browser.get(back).status_code == 403
    query = parse_qs(urlsplit(gone_there(Client())).query)
    assert Client().get(BACK, {"code": query["code"][0], "state": ""}).status_code == 403


@pytest.mark.parametrize(
    "change", [{"state": "another"}, {"iss": "https://evil.example"}, {"error": "access_denied"}, {"code": "x"}]
)
def test_an_answer_that_was_changed_is_refused(db: None, issuer: Provider, change: dict[str, str]):
    browser = Client()
    query = {name: values[0] for name, values in parse_qs(urlsplit(gone_there(browser)).query).items()}
    assert browser.get(BACK, query | change).status_code == 403
    assert who(browser) is None


def test_it_leads_to_no_other_site(db: None, issuer: Provider):
    for address in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert come(Client(), f"?next={address}")["Location"] == "/"


def test_the_session_gets_a_new_key(db: None, issuer: Provider):
    browser = Client()
    back = gone_there(browser)
    before = browser.cookies["sessionid"].value
    browser.get(back)
    assert browser.cookies["sessionid"].value != before


def test_who_logs_in_meanwhile_as_somebody_else_connects_nothing(cast: Cast, issuer: Provider):
    browser = Client()
    back = gone_there(browser)
    browser.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    assert browser.get(back).status_code == 403
    assert not Identity.objects.exists()


def test_a_provider_that_is_away_or_calls_itself_otherwise_is_told_of(db: None, issuer: Provider, settings: Settings):
    issuer.issuer = "http://127.0.0.1:1"
    assert "calls itself" in Client().get(BEGIN).content.decode()
    oidc_client.forget()
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    assert "can&#x27;t be reached" in Client().get(BEGIN).content.decode()


def test_without_a_provider_there_is_no_such_way_in(db: None):
    assert Client().get(BEGIN).status_code == 404
    assert Client().get(BACK).status_code == 404
    assert "/accounts/oidc/" not in Client().get("/accounts/login/").content.decode()
