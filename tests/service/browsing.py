"""A browser on a running site, as fixtures for the tests in `tests/flows`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.service.site import Site, running_site

if TYPE_CHECKING:  # tests without a browser start without its driver
    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox",  # root, as in a container, can't have one
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all tests with a browser: it is filled more and more."""
    with running_site(tmp_path_factory.mktemp("site") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "Browser", site: Site) -> Iterator["Page"]:
    """A fresh, anonymous page. What its console complains of, a breach of the content policy say, fails the test."""
    complaints: list[str] = []
    with browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}) as context:
        fresh = context.new_page()
        fresh.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        fresh.on("pageerror", lambda error: complaints.append(str(error)))
        yield fresh
    assert not complaints


@pytest.fixture
def signed_in(page: "Page", site: Site) -> "Page":
    """The administrator's page, just after logging in."""
    page.goto("/accounts/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", site.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "login" not in address)
    return page
