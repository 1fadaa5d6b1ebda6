"""A browser on a running site, as fixtures for the tests in `tests/flows`."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

import pytest

from tests.service.site import Site, running_site

if TYPE_CHECKING:  # tests without a browser start without its driver
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        Locator,
        Page,
        StorageState,
        ViewportSize,
    )
    from playwright.sync_api._generated import LocatorAssertions, PageAssertions

    from tests.registry.engines import FakeEngine

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
def engine() -> Iterator["FakeEngine"]:
    """The engine that the site may ask."""
    from tests.registry.engines import fake_engine

    with fake_engine() as started:
        yield started


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, engine: "FakeEngine") -> Iterator[Site]:
    """One site for all tests with a browser: it is filled more and more. It may reach registries of the loopback."""
    here = {"REGISTRY_PRIVATE_HOSTS": "127.0.0.1", "REGISTRY_PLAIN_HTTP_HOSTS": "127.0.0.1"}
    with running_site(tmp_path_factory.mktemp("site") / "data", DOCKER_ENGINE=engine.host, **here) as running:
        yield running


# Milliseconds that a page may take to show what is expected, on a busy machine. Nobody waits longer than needed.
PATIENCE = 60_000


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import expect as patient
    from playwright.sync_api import sync_playwright

    patient.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@overload
def expect(shown: "Page") -> "PageAssertions": ...
@overload
def expect(shown: "Locator") -> "LocatorAssertions": ...
def expect(shown: Any) -> Any:
    """What a page is about to show, waited for. A click returns before what it leads to is there."""
    from playwright.sync_api import expect as patient

    return patient(shown)


PHONE, WALL = 360, 2560  # pixels
# Each chart is drawn, and what a page asks for by itself has come.
SETTLED = """() => !document.querySelector('.htmx-request') && !document.querySelector('.plot.waiting')
  && [...document.querySelectorAll('[data-chart]')].every((chart) => chart.querySelector('.main-svg'))"""


def settle(page: "Page") -> None:
    """Returns when nothing on the page is about to change by itself."""
    page.wait_for_function(SETTLED)


def fits(page: "Page", *addresses: str, widths: tuple[int, ...] = (PHONE, WALL)) -> None:
    """Nothing on the pages, or with none given on this one, is wider than the screen, once all of it is there."""
    for address in addresses or ("",):
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            if address and width == widths[0]:
                page.goto(address)
            settle(page)
            page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)


def point_at(mark: "Locator", across: float = 0.5) -> tuple[float, float]:
    """Moves the mouse to a mark of a chart, so far across it, until the chart has noticed; gives the place."""
    page = mark.page
    mark.wait_for(state="attached")
    settle(page)
    end = time.monotonic() + PATIENCE / 1000
    for tries in itertools.count():
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] * across, box["y"] + box["height"] / 2
        page.mouse.move(x, y + tries % 2)  # a chart that is drawn anew has not noticed a mouse that stands still
        page.wait_for_timeout(50)  # Plotly's own pace
        if mark.evaluate("mark => mark.closest('[data-chart]')._hoverdata?.length ?? 0"):
            return x, y
        assert time.monotonic() < end, f"the chart does not notice the mouse at {x}, {y}"
    raise AssertionError


def click_mark(mark: "Locator") -> None:
    """A click on the middle of a mark, wherever it is drawn: Plotly listens to the layer above it."""
    mark.page.mouse.click(*point_at(mark))


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
def context_on(browser: "Browser", site: Site, **more: Any) -> Iterator["BrowserContext"]:
    """Where cookies are shared, and with them who is there. Nothing glides: what is shown is where it stays."""
    size: ViewportSize = {"width": 1280, "height": 900}
    with browser.new_context(base_url=site.url, viewport=size, reduced_motion="reduce", **more) as context:
        context.set_default_timeout(PATIENCE)
        yield context


@contextmanager
def looked_at(context: "BrowserContext", site: Site) -> Iterator["Page"]:
    """A fresh page. What its console complains of, a breach of the content policy say, fails."""
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
        fresh.close()
    assert not looked.complaints, looked.site.told()


@contextmanager
def quiet_page(browser: "Browser", site: Site) -> Iterator["Page"]:
    """A page in a context of its own: nobody is logged in."""
    with context_on(browser, site) as context, looked_at(context, site) as fresh:
        yield fresh


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


@pytest.fixture(scope="session")
def administrator(browser: "Browser", site: Site, session: "StorageState") -> Iterator["BrowserContext"]:
    """The administrator's browser, with one page that stays open: it keeps the process that knows the scripts."""
    with context_on(browser, site, storage_state=session) as context:
        context.new_page().goto("/healthz")
        yield context


@pytest.fixture
def signed_in(administrator: "BrowserContext", site: Site, session: "StorageState") -> Iterator["Page"]:
    """The administrator's page, fresh and still blank, in a browser that remembers nothing of the test before."""
    with looked_at(administrator, site) as fresh:
        yield fresh
    administrator.clear_permissions()
    administrator.clear_cookies()
    administrator.add_cookies(session["cookies"])  # type: ignore[arg-type]
    administrator.pages[0].evaluate("localStorage.clear()")


@pytest.fixture
def scriptless(browser: "Browser", site: Site, session: "StorageState") -> Iterator["Page"]:
    """The administrator's page in a browser that runs no scripts."""
    with (
        context_on(browser, site, storage_state=session, java_script_enabled=False) as context,
        looked_at(context, site) as fresh,
    ):
        yield fresh
