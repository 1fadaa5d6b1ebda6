"""A new password for who forgot theirs: by mail, or by an administrator's link; and guessing, and sessions."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from analyzer import queue
from analyzer.services import passwords
from tests.cast import PASSWORD, Cast

NEW = {"new_password1": "another good phrase", "new_password2": "another good phrase"}


@pytest.fixture
def alice(cast: Cast) -> User:
    cast.alice.email = "alice@example.org"
    cast.alice.save()
    return cast.alice


@pytest.fixture
def mailing(settings: Settings) -> None:
    settings.SENDS_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def follow(address: str) -> tuple[Client, str]:
    """A browser at the form that the link leads to, whose address holds no secret any more."""
    browser = Client()
    response = browser.get(address)
    assert response.status_code == 302
    assert "set-password" in response["Location"]
    return browser, response["Location"]


@pytest.mark.usefixtures("mailing")
def test_a_mail_holds_a_link_that_works_once(alice: User):
    assert passwords.mail_link("ALICE@example.org", "https://layers.example.org") == 1
    text = str(mail.outbox[0].body)
    found = re.search(r"https://layers.example.org(/accounts/reset/\S+)", text)
    assert found
    browser, form = follow(found[1])
    assert "works" in browser.post(form, NEW, follow=True).content.decode()
    assert Client().post("/accounts/login/", {"username": "alice", "password": NEW["new_password1"]}).status_code == 302
    again = Client().get(found[1], follow=True).content.decode()
    assert "leads nowhere any more" in again


@pytest.mark.usefixtures("mailing")
def test_the_page_says_the_same_whether_or_not_there_is_such_an_account(alice: User, monkeypatch: pytest.MonkeyPatch):
    rung: list[tuple[str, ...]] = []
    monkeypatch.setattr(queue, "ring", lambda *args: rung.append(args))
    answers = []
    for address in ("alice@example.org", "nobody@example.org"):
        response = Client().post("/accounts/reset/", {"email": address})
        answers.append((response.status_code, response["Location"]))
    assert answers == [(302, "/accounts/reset/sent/")] * 2
    assert [args[1] for args in rung] == [
        "alice@example.org",
        "nobody@example.org",
    ]  # both take as long: a worker looks
    assert mail.outbox == []
    assert passwords.mail_link("nobody@example.org", "http://testserver") == 0


@pytest.mark.usefixtures("mailing")
def test_nobody_is_flooded(alice: User):
    assert passwords.mail_link(alice.email, "http://testserver") == 1
    assert passwords.mail_link(alice.email, "http://testserver") == 0
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("mailing")
def test_a_forged_host_is_not_where_the_link_leads(alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    rung: list[tuple[str, ...]] = []
    monkeypatch.setattr(queue, "ring", lambda *args: rung.append(args))
    assert (
        Client().post("/accounts/reset/", {"email": alice.email}, headers={"Host": "evil.example"}).status_code == 400
    )
    settings.PUBLIC_URL = "https://layers.example.org"
    Client().post("/accounts/reset/", {"email": alice.email}, headers={"Host": "localhost"})
    assert rung == [("mail_reset", alice.email, "https://layers.example.org")]


def test_without_a_mail_server_an_administrator_is_named(alice: User):
    assert "This site sends no mail" in Client().get("/accounts/reset/").content.decode()
    assert Client().post("/accounts/reset/", {"email": alice.email}).status_code == 200


def test_an_administrator_makes_a_link(alice: User, cast: Cast):
    root = User.objects.create_superuser("root", password=PASSWORD)
    form = {"action": "make_password_link", "_selected_action": [alice.pk]}
    response = cast.client(root).post("/admin/auth/user/", form)
    assert "no-store" in response["Cache-Control"]
    found = re.search(r"http://testserver(/accounts/reset/[^<\"\s]+)", response.content.decode())
    assert found
    browser, address = follow(found[1])
    browser.post(address, NEW)
    alice.refresh_from_db()
    assert alice.check_password(NEW["new_password1"])


def test_a_made_up_link_leads_nowhere(alice: User):
    for address in ("/accounts/reset/MQ/abc-def/", "/accounts/reset/zzz/set-password/"):
        assert "leads nowhere any more" in Client().get(address, follow=True).content.decode()


def test_a_new_password_ends_other_sessions(alice: User, cast: Cast):
    elsewhere = cast.client(alice)
    browser, address = follow(passwords.reset_path(alice))
    browser.post(address, NEW)
    assert elsewhere.get("/").status_code == 302


def test_logging_in_gives_the_session_a_new_key(cast: Cast):
    browser = Client()
    session = browser.session
    session["planted"] = True
    session.save()
    browser.cookies["sessionid"] = planted = str(session.session_key)
    assert browser.post("/accounts/login/", {"username": "alice", "password": PASSWORD}).status_code == 302
    assert browser.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/").status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "\t//evil.example",
    ],
)
def test_logging_in_leads_to_no_other_site(cast: Cast, address: str):
    form = {"username": "alice", "password": PASSWORD, "next": address}
    assert Client().post("/accounts/login/", form)["Location"] == "/"
    assert cast.client(cast.alice).get("/accounts/login/", {"next": address})["Location"] == "/"


def test_guessing_is_counted_by_the_address_that_our_proxies_saw(cast: Cast, settings: Settings):
    settings.AXES_FAILURE_LIMIT, settings.TRUSTED_PROXIES = 3, 1

    def tried(forwarded: str, typed: str) -> int:
        form = {"username": "alice", "password": typed}
        return Client().post("/accounts/login/", form, headers={"X-Forwarded-For": forwarded}).status_code

    for number in range(3):
        tried(f"10.0.0.{number}, 203.0.113.5", "wrong")  # what stands before ours is the guesser's own claim
    assert tried("10.9.9.9, 203.0.113.5", PASSWORD) == 429
    assert tried("203.0.113.6", PASSWORD) == 302


def test_a_wrong_name_and_a_wrong_password_read_the_same(cast: Cast):
    answers = []
    for name in ("alice", "nobody"):
        text = Client().post("/accounts/login/", {"username": name, "password": "wrong"}).content.decode()
        answers.append(re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text).replace(name, "*"))
    assert answers[0] == answers[1]


def test_the_account_page_changes_name_and_address(cast: Cast):
    alice = cast.client(cast.alice)
    assert "Change the password" in alice.get("/account/").content.decode()
    assert (
        alice.post("/account/", {"email": "a@example.org", "is_superuser": "on", "username": "root"}).status_code == 302
    )
    cast.alice.refresh_from_db()
    assert (cast.alice.email, cast.alice.username, cast.alice.is_superuser) == ("a@example.org", "alice", False)
    assert alice.post("/account/", {"email": "no address"}).status_code == 400
