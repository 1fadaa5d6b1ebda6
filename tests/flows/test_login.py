"""Logging in, in a real browser."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.service.browsing import expect, log_in
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_every_page_asks_who_is_there(page: "Page") -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_a_wrong_password_is_said_on_the_page(page: "Page") -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=username]", "nobody")
    page.fill("input[name=password]", "wrong")
    page.press("input[name=password]", "Enter")
    expect(page.locator("main")).to_contain_text("do not match")


def test_the_first_administrator_gets_in(page: "Page", site: Site) -> None:
    log_in(page, site)
    page.locator("nav[aria-label=Main]").wait_for()
