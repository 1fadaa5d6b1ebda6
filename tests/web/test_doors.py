"""Forms and links that stand open to everybody: how often for one address, and for one name from many."""

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.usefixtures("counted")

NEW = "another horse, another staple"


def log_in(client: Client, address: str, password: str, name: str = "alice", at: str = "/accounts/login/") -> int:
    return client.post(at, {"username": name, "password": password}, REMOTE_ADDR=address).status_code


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "/accounts/login/"),
        ("post", "/accounts/reset/"),
        ("get", "/accounts/reset/MQ/some-token/"),
        ("get", "/accounts/oidc/"),
        ("get", "/invitations/a-secret-that-is-none/"),
        ("get", "/s/a-secret-that-is-none/"),
    ],
)
def test_one_address_opens_so_many_a_minute(cast: Cast, settings, method: str, address: str) -> None:
    settings.ANONYMOUS_REQUESTS_A_MINUTE = 2
    client = Client(REMOTE_ADDR="192.0.2.1")
    answers = [getattr(client, method)(address) for _ in range(3)]
    assert [each.status_code == 429 for each in answers] == [False, False, True]
    assert answers[2]["Retry-After"] == "45"
    assert "Try again in 45 s" in answers[2].content.decode()
    assert client.get("/accounts/login/").status_code == 200  # a look costs nothing
    assert getattr(Client(REMOTE_ADDR="192.0.2.2"), method)(address).status_code != 429


@pytest.fixture
def guessed(cast: Cast, settings) -> list[int]:
    """What somebody gets who tries Alice's name, and one that nobody has, from an address for each attempt."""
    settings.LOGIN_ATTEMPTS_OF_A_NAME = 3
    return [log_in(Client(), f"198.51.100.{n}", "wrong", name) for n in range(4) for name in ("alice", "nobody")]


def test_one_name_is_not_guessed_from_many_addresses(guessed: list[int], cast: Cast) -> None:
    assert guessed == [200] * 6 + [429] * 2
    assert log_in(Client(), "203.0.113.1", PASSWORD) == 429
    assert log_in(Client(), "203.0.113.1", PASSWORD, "bob") == 302
    told = Client().post("/accounts/login/", {"username": "alice", "password": PASSWORD}).content.decode()
    assert "A browser in which you have logged in before is not kept waiting" in told
    User.objects.filter(username="alice").update(is_staff=True)
    assert log_in(Client(), "203.0.113.1", PASSWORD, at="/admin/login/") == 200  # the form again: not in


def test_a_browser_of_the_account_is_not_shut_out_and_has_a_count_of_its_own(cast: Cast, settings) -> None:
    settings.LOGIN_ATTEMPTS_OF_A_NAME = 3
    own = Client()
    assert log_in(own, "203.0.113.1", PASSWORD) == 302
    own.post("/accounts/logout/")
    for number in range(4):
        log_in(Client(), f"198.51.100.{number}", "wrong")
    assert log_in(own, "203.0.113.1", PASSWORD) == 302
    own.post("/accounts/logout/")
    stolen = [log_in(own, f"198.51.100.{number}", "wrong") for number in range(10, 14)]
    assert stolen == [200, 200, 200, 429]
    assert log_in(own, "203.0.113.1", PASSWORD, "bob") == 302  # of another name it is no cookie


@pytest.mark.parametrize("cookie", ["", ".", "x.y", "x:y.z", "\u00fc.\u00fc"])
def test_a_cookie_that_was_made_up_is_none(guessed: list[int], cookie: str) -> None:
    client = Client()
    client.cookies["known_browser"] = cookie
    assert log_in(client, "203.0.113.1", PASSWORD) == 429


def test_a_new_password_by_a_link_opens_the_browser_that_chose_it(guessed: list[int], cast: Cast) -> None:
    client = Client()
    link = f"/accounts/reset/{urlsafe_base64_encode(force_bytes(cast.alice.pk))}/"
    at = client.get(f"{link}{default_token_generator.make_token(cast.alice)}/")["Location"]
    assert client.post(at, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    assert log_in(client, "203.0.113.1", NEW) == 302
