"""The report as it is printed: A4, light whatever the screen is, its figures as text, no section cut in two."""

import io
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from tests.archives import docker_save, write
from tests.compared import AFTER, BEFORE
from tests.service.browsing import fits
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
A4 = (595, 842)  # points


@pytest.fixture(scope="module")
def pushes(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same tag, twice."""
    for number, built in enumerate((BEFORE, AFTER)):
        archive = write(tmp_path_factory.mktemp("report") / f"{number}.tar", docker_save(built))
        site.take_in(archive)


@pytest.fixture
def there(signed_in: "Page", pushes: None) -> "Page":
    return signed_in


def test_it_prints_on_a4_with_its_figures_as_text(there: "Page") -> None:
    there.goto("/reuse/report/")
    there.locator("#ladder .plot .point path").first.wait_for()
    heading, actions = there.inner_text("h1"), there.inner_text("#actions-title")
    printed = PdfReader(io.BytesIO(there.pdf(prefer_css_page_size=True, print_background=True)))
    assert 1 <= len(printed.pages) <= 4
    assert all((round(page.mediabox.width), round(page.mediabox.height)) == A4 for page in printed.pages)
    text = " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    for words in (heading, actions, "unique chains", "fair cost", "together, at least", "logical", "stored"):
        assert words in text, words
    for words in ("Set scope", "Heat map", "Add images", "JSON", "PNG"):
        assert words not in text, words


def test_charts_are_light_and_narrow_on_paper_and_as_before_afterwards(there: "Page") -> None:
    there.emulate_media(color_scheme="dark")
    there.goto("/reuse/report/")
    plot = there.locator("#ladder .plot")
    plot.locator(".point path").first.wait_for()

    dark = plot.locator(".annotation-text").first.evaluate("text => getComputedStyle(text).fill")
    width = plot.evaluate("plot => plot._fullLayout.width")
    there.emulate_media(media="print")
    there.wait_for_function(f"() => document.querySelector('#ladder .plot')._fullLayout.width < {width}")
    first_ink = "document.querySelector('#ladder .plot .annotation-text')"
    there.wait_for_function(f"dark => getComputedStyle({first_ink}).fill !== dark", arg=dark)
    there.emulate_media(media="screen")
    there.wait_for_function(f"() => document.querySelector('#ladder .plot')._fullLayout.width === {width}")
    there.wait_for_function(f"dark => getComputedStyle({first_ink}).fill === dark", arg=dark)


def test_an_action_leads_to_where_it_is_told_in_full(there: "Page") -> None:
    there.goto("/reuse/report/")
    there.click(".actions a:has-text('whose tag')")
    there.wait_for_url("**/reuse/what-if/**")


def test_nothing_is_wider_than_the_screen(there: "Page") -> None:
    fits(there, "/reuse/report/")
