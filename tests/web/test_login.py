"""Logging in and out, guessing, one's own password, and the pages of errors."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.cast import PASSWORD, Cast


def log_in(client: Client, password: str = PASSWORD, **more: str):
    return client.post("/accounts/login/", {"username": "alice", "password": password, **more})


def test_the_right_password_leads_to_the_page_that_was_asked_for(cast: Cast):
    response = log_in(Client(), next="/jobs/")
    assert response.status_code == 302
    assert response["Location"] == "/jobs/"


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(cast: Cast):
    text = log_in(Client(), "wrong").content.decode()
    assert "This name and password do not match an account." in text
    assert 'role="alert"' in text


def test_nobody_is_sent_to_another_site(cast: Cast):
    assert log_in(Client(), next="https://evil.example/")["Location"] == "/"


def test_guessing_is_stopped(cast: Cast, settings: Settings):
    settings.AXES_FAILURE_LIMIT = 3
    client = Client()
    for _ in range(3):
        response = log_in(client, "wrong")
    assert response.status_code == 429
    assert "Too many wrong passwords" in response.content.decode()
    assert "for 15 min: 3 passwords were wrong" in response.content.decode()
    assert log_in(client).status_code == 429


def test_logging_out_ends_the_session(cast: Cast):
    client = cast.client(cast.alice)
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/").status_code == 302


def test_the_password_can_be_changed(cast: Cast):
    client = cast.client(cast.alice)
    assert "Change your password" in client.get("/accounts/password/").content.decode()
    new = "another horse, another staple"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert "Your password is changed" in client.post("/accounts/password/", form, follow=True).content.decode()
    assert log_in(Client(), new).status_code == 302


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_theme_is_in_the_page_from_its_first_byte(cast: Cast, theme: str):
    client = cast.client(cast.alice)
    client.cookies["theme"] = theme
    assert f'<html lang="en" data-theme="{theme}">' in client.get("/").content.decode()


def test_a_theme_that_does_not_exist_is_not_repeated(cast: Cast):
    client = cast.client(cast.alice)
    client.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in client.get("/").content.decode()


def test_what_is_not_there_says_so_in_the_frame(cast: Cast):
    response = cast.client(cast.alice).get("/nothing/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_form_without_its_token_is_refused_in_words(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    response = log_in(client)
    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()


@pytest.mark.parametrize("address", ["/", "/images/", "/jobs/", "/accounts/password/"])
def test_no_page_has_inline_scripts_or_styles(cast: Cast, address: str):
    text = cast.client(cast.alice).get(address).content.decode()
    assert "<style>" not in text
    assert " onclick" not in text
    for script in text.split("<script")[1:]:
        assert "src=" in script.partition(">")[0] or 'type="application/json"' in script.partition(">")[0]
