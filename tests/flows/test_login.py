"""Logging in, in a real browser."""

from typing import TYPE_CHECKING

import pytest

from tests.service.browsing import log_in
from tests.service.site import Site

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


def test_the_first_administrator_gets_in(page: "Page", site: Site) -> None:
    log_in(page, site)
    assert page.title()
    assert "/accounts/login/" not in page.url
