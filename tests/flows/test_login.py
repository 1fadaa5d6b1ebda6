"""Logging in, in a real browser."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_every_page_asks_who_is_there(page: "Page") -> None:
    page.goto("/")
    assert "/accounts/login/" in page.url


def test_a_wrong_password_is_said_on_the_page(page: "Page") -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=username]", "nobody")
    page.fill("input[name=password]", "wrong")
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    assert "do not match" in page.inner_text("main")


def test_the_first_administrator_gets_in(signed_in: "Page") -> None:
    assert signed_in.title()
    assert "/accounts/login/" not in signed_in.url
