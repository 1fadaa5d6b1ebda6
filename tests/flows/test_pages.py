"""Overview and images in a real browser: charts, themes, filters, phones, all under the strict content policy."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import docker_save, image, layer, write
from tests.service.browsing import expect, fits, settle
from tests.service.servers import wait_until
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shelf(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A base and two images on it, in one archive."""
    base = layer({"usr/lib/base.so": b"b" * 50_000})
    stacks = {name: [base, layer({f"srv/{name}": name.encode() * 900})] for name in ("shelf-shop", "shelf-fat")}
    images = [image(stack, tags=[f"{name}:1"]) for name, stack in ({"shelf-base": [base]} | stacks).items()]
    archive = write(tmp_path_factory.mktemp("shelf") / "shelf.tar", docker_save(*images))
    site.take_in(archive)


@pytest.fixture
def filled(signed_in: "Page", shelf: None) -> "Page":
    return signed_in


def first_bar(page: "Page") -> str:
    return str(page.locator(".plot .point path").first.evaluate("bar => getComputedStyle(bar).fill"))


def test_charts_are_drawn_in_the_layers_colours_and_follow_the_theme(filled: "Page") -> None:
    filled.goto("/")
    settle(filled)
    light = first_bar(filled)
    swatch = filled.locator(".chip i").first.evaluate("i => getComputedStyle(i).getPropertyValue('--layer')")
    assert swatch
    filled.click("#theme")
    expect(filled.locator("html")).to_have_attribute("data-theme", "dark")
    filled.wait_for_function(
        "light => getComputedStyle(document.querySelector('.plot .point path')).fill !== light", arg=light
    )


def test_the_theme_that_was_chosen_stays(filled: "Page") -> None:
    filled.goto("/")
    filled.click("#theme")
    expect(filled.locator("html")).to_have_attribute("data-theme", "dark")
    filled.goto("/images/")
    expect(filled.locator("html")).to_have_attribute("data-theme", "dark")
    filled.click("#theme")
    expect(filled.locator("html")).to_have_attribute("data-theme", "light")
    filled.reload()
    expect(filled.locator("html")).to_have_attribute("data-theme", "light")


def test_the_menu_of_the_account_closes_as_menus_do(filled: "Page") -> None:
    filled.goto("/")
    menu = filled.locator("details.menu")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    filled.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    filled.click("h1")
    expect(menu).not_to_have_attribute("open", "")


def test_filters_and_sorts_stand_in_the_address_and_the_way_back_works(filled: "Page") -> None:
    filled.goto("/images/")
    filled.fill("main input[name=q]", "shelf-fat")
    filled.wait_for_url("**/images/?q=shelf-fat*")
    expect(filled.locator("table.images tbody tr")).to_have_count(1)
    filled.click("#sort-size")
    filled.wait_for_url("**sort=-size*")
    expect(filled.locator("#sort-size")).to_be_focused()
    filled.go_back()
    filled.wait_for_url(lambda address: "q=shelf-fat" in address and "sort" not in address)
    expect(filled.locator("main input[name=q]")).to_have_value("shelf-fat")


def test_a_digest_is_copied(filled: "Page") -> None:
    filled.context.grant_permissions(["clipboard-read", "clipboard-write"])
    filled.goto("/")
    button = filled.locator("button.copy").first
    field = filled.locator("header input[name=q]")

    def pasted() -> str:
        button.click()
        field.fill("")
        field.press("Control+v")  # what asks the clipboard by a script may wait for its answer for ever
        return field.input_value()

    wait_until(lambda: pasted() == button.get_attribute("data-copy"))


def saved(page: "Page", chart: str, kind: str) -> tuple[str, bytes]:
    """The name and the bytes of the picture."""
    with page.expect_download() as download:
        page.click(f"[data-picture='{chart}-figure'][data-kind={kind}]")
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_charts_are_saved_as_pictures_in_the_theme_that_is_shown(filled: "Page") -> None:
    filled.goto("/")
    settle(filled)
    title = filled.inner_text("#ladder-title")
    papers = []
    for _ in ("light", "dark"):
        name, svg = saved(filled, "ladder", "svg")
        assert name.endswith(".svg")
        assert title.split()[0].lower() in name
        assert svg.startswith(b"<svg ")
        assert title.split()[0].encode() in svg
        papers.append(re.findall(rb"<rect [^>]*fill: (rgb[^;]+);", svg)[0])
        name, png = saved(filled, "ladder", "png")
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        width = filled.locator("#ladder .plot").evaluate("plot => plot.clientWidth")
        assert int.from_bytes(png[16:20], "big") == 2 * (width + 40)
        filled.click("#theme")
    assert papers[0] != papers[1]


def test_nothing_is_wider_than_the_screen(filled: "Page") -> None:
    fits(filled, "/", "/images/", "/jobs/", "/add/", "/tokens/", "/accounts/password/")


def test_without_a_script_the_figures_can_be_read_and_no_button_promises_more(shelf: None, scriptless: "Page") -> None:
    scriptless.goto("/")
    expect(scriptless.locator("[data-picture]")).to_have_count(4)
    expect(scriptless.locator("[data-picture]:visible")).to_have_count(0)
    scriptless.locator("details.figures summary").first.click()
    expect(scriptless.locator("details.figures table").first).to_be_visible()
    scriptless.goto("/images/?sort=-size&q=shelf-")
    expect(scriptless.locator("table.images tbody tr")).to_have_count(3)
    expect(scriptless.locator("#theme")).to_be_hidden()
