"""A browser on a running site, as fixtures for the tests in `tests/flows`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.service.site import Site, running_site

if TYPE_CHECKING:  # tests without a browser start without its driver
    from playwright.sync_api import Browser, Page, StorageState, ViewportSize

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


@contextmanager
def quiet_page(browser: "Browser", site: Site, session: "StorageState | None" = None) -> Iterator["Page"]:
    """A page in a context of its own. What its console complains of, a breach of the content policy say, fails."""
    complaints: list[str] = []
    viewport: ViewportSize = {"width": 1280, "height": 900}
    with browser.new_context(base_url=site.url, viewport=viewport, storage_state=session) as context:
        fresh = context.new_page()
        fresh.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        fresh.on("pageerror", lambda error: complaints.append(str(error)))
        yield fresh
    assert not complaints


@pytest.fixture
def page(browser: "Browser", site: Site) -> Iterator["Page"]:
    """A fresh, anonymous page."""
    with quiet_page(browser, site) as fresh:
        yield fresh


def log_in(page: "Page", site: Site) -> None:
    """As the administrator; returns on the first page."""
    page.goto("/accounts/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", site.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "login" not in address)


@pytest.fixture(scope="session")
def session(browser: "Browser", site: Site) -> "StorageState":
    """The administrator's cookie: one login for all tests that need one."""
    with quiet_page(browser, site) as page:
        log_in(page, site)
        return page.context.storage_state()


@pytest.fixture
def signed_in(browser: "Browser", site: Site, session: "StorageState") -> Iterator["Page"]:
    """The administrator's page, fresh and still blank."""
    with quiet_page(browser, site, session) as fresh:
        yield fresh
