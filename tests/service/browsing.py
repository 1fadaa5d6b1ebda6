"""A browser on a running site, as fixtures for the tests in `tests/flows`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Looked:
    """A page that is open, and what its console said."""

    page: "Page"
    site: Site
    console: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def told(self) -> str:
        """What helps to understand why a test failed on it: its words, its console, the site's log and jobs."""
        try:
            words = self.page.locator("main").inner_text(timeout=2_000)
        except Exception as error:  # noqa: BLE001 - what failed before is what counts
            words = f"could not be read: {error}"
        address = self.page.url
        parts = [f"--- {address}", words[:2_000], "--- its console", *self.console[-20:], self.site.told()]
        return "\n".join(parts)


OPEN: list[Looked] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """A test that fails tells what was on its pages, which are still open."""
    if call.when == "call" and call.excinfo is not None:
        for looked in OPEN:
            call.excinfo.value.add_note(looked.told())


@contextmanager
def quiet_page(browser: "Browser", site: Site, session: "StorageState | None" = None) -> Iterator["Page"]:
    """A page in a context of its own. What its console complains of, a breach of the content policy say, fails."""
    viewport: ViewportSize = {"width": 1280, "height": 900}
    with browser.new_context(base_url=site.url, viewport=viewport, storage_state=session) as context:
        fresh = context.new_page()
        looked = Looked(fresh, site)
        fresh.on("console", lambda line: looked.console.append(f"{line.type}: {line.text[:300]}"))
        fresh.on("console", lambda line: looked.complaints.append(line.text) if line.type == "error" else None)
        fresh.on("pageerror", lambda error: looked.complaints.append(str(error)))
        OPEN.append(looked)
        try:
            yield fresh
        except Exception as error:
            error.add_note(looked.told())
            raise
        finally:
            OPEN.remove(looked)
    assert not looked.complaints, looked.site.told()


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
