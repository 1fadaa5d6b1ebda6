"""The first page of Reuse in a real browser: each of its charts is clicked, the table sorted, the scope set."""

from typing import TYPE_CHECKING

import pytest

from tests.archives import layer, write
from tests.images import image
from tests.layouts import oci_layout
from tests.service.browsing import click_mark, expect, fits
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

HERE = "/reuse/?tag=reuse-*"
BASE = layer({"usr/lib/reuse.so": b"r" * 60_000}, compression="gzip")


@pytest.fixture(scope="module")
def shelf(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A base and two images on it, compressed."""
    stacks = {
        name: [BASE, layer({f"srv/{name}": name.encode() * size}, compression="gzip")]
        for name, size in (("reuse-thin", 100), ("reuse-fat", 3000))
    }
    images = [image(stack, tags=[f"{name}:1"]) for name, stack in ({"reuse-base": [BASE]} | stacks).items()]
    archive = write(tmp_path_factory.mktemp("reuse") / "reuse.tar", oci_layout(*images))
    site.take_in(archive)


@pytest.fixture
def there(signed_in: "Page", shelf: None) -> "Page":
    signed_in.goto(HERE)
    return signed_in


def click(page: "Page", chart: str, mark: str) -> None:
    click_mark(page.locator(f"[data-chart='{chart}-figure'] {mark}").first)


def test_a_piece_of_the_ladder_leads_to_its_layer(there: "Page") -> None:
    click(there, "ladder", ".point path")
    there.wait_for_url(f"**/layers/{BASE.diff_id}/")


def test_a_bar_lists_its_layers(there: "Page") -> None:
    click(there, "held", ".point:nth-child(2) path")
    there.wait_for_url("**held=3*")
    there.locator("caption:has-text('1 layer in 3 images')").wait_for()
    there.click("a:has-text('Close')")
    there.wait_for_url("**/reuse/?tag=reuse-*")
    expect(there.locator("caption:has-text('in 3 images')")).to_have_count(0)


def test_a_point_of_growth_leads_to_the_image(there: "Page") -> None:
    click(there, "growth", ".points path")
    there.wait_for_url("**/images/sha256:**")


def test_a_day_narrows_the_scope_to_it(there: "Page") -> None:
    click(there, "days", ".trace:nth-child(2) .point path")
    there.wait_for_url("**since=*until=*")
    there.locator(".meta:has-text('3 images tagged reuse-*')").wait_for()
    expect(there.locator("input[name=tag]")).to_have_value("reuse-*")


@pytest.mark.parametrize("chart", ["sizes", "files", "ratios"])
def test_a_step_of_a_curve_leads_to_its_layer(there: "Page", chart: str) -> None:
    click(there, chart, ".points path:nth-child(3)")
    there.wait_for_url("**/layers/sha256:**")


def test_the_table_sorts_in_its_place(there: "Page") -> None:
    there.click("#sort-size")
    there.wait_for_url("**sort=-size*")
    expect(there.locator("#images tbody th").first).to_have_text("reuse-fat:1")
    expect(there.locator("#ladder")).to_have_count(1)


def test_the_scope_is_set_by_its_form_and_kept_by_the_tabs(there: "Page") -> None:
    there.fill("input[name=tag]", "reuse-fat*")
    there.click("form.scope button")
    there.locator(".meta:has-text('1 image tagged reuse-fat*')").wait_for()
    there.click("nav[aria-label=Reuse] a:has-text('Forest')")
    there.locator(".meta:has-text('1 image tagged reuse-fat*')").wait_for()
    there.click("a:has-text('all images')")
    there.wait_for_url("**/reuse/forest/?")


def test_nothing_is_wider_than_the_screen(signed_in: "Page", shelf: None) -> None:
    fits(signed_in, HERE, f"{HERE}&held=3", "/reuse/?tag=none", "/reuse/?since=soon")
