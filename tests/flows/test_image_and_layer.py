"""An image and a layer in a real browser: folders open in place, searches find, the map leads into folders."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import Dir, File, Image, docker_save, image, layer, write
from tests.service.browsing import expect, fits, settle
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

BASE = layer({"usr/lib/base.so": b"b" * 90_000, "etc/motd": b"hello"})
MANY = layer(
    [
        *((f"srv/data/{number:03}.bin", File(data=b"x" * number)) for number in range(1, 501)),
        ("srv/app.js", File(data=b"y" * 60_000)),
        (b"odd\xff", Dir()),
        (b"odd\xff/<b>inside", File(data=b"z" * 10_000)),
    ]
)
SHOP: Image = image([BASE, MANY], tags=["flow-shop:1"], history=["ADD base /", "#CMD sh", "COPY . /srv"])
IMAGE_PAGE = f"/images/{SHOP.id}/"
LAYER_PAGE = f"/layers/{MANY.diff_id}/"


@pytest.fixture(scope="module")
def shop(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = write(
        tmp_path_factory.mktemp("shop") / "shop.tar", docker_save(image([BASE], tags=["flow-base:1"]), SHOP)
    )
    site.take_in(archive)


@pytest.fixture
def there(signed_in: "Page", shop: None) -> "Page":
    return signed_in


def rows(page: "Page") -> "Locator":
    return page.locator("table.tree tbody tr")


def test_folders_open_and_close_in_place_and_the_address_keeps_up(there: "Page") -> None:
    there.goto(LAYER_PAGE + "?open=")
    expect(rows(there)).to_have_count(2)
    there.click("a.folder[data-at='odd%FF']")
    there.locator("tr:has-text('<b>inside')").wait_for()
    expect(there).to_have_url(re.compile(r"\?open=odd%FF$"))
    there.reload()
    folder = there.locator("a.folder[data-at='odd%FF']")
    expect(folder).to_have_attribute("aria-expanded", "true")
    expect(rows(there)).to_have_count(3)
    folder.press("ArrowLeft")
    expect(rows(there)).to_have_count(2)
    expect(there).to_have_url(re.compile(r"\?open=$"))


def test_the_rest_of_a_folder_comes_with_a_click(there: "Page") -> None:
    there.goto(LAYER_PAGE + "?open=srv/data")
    expect(there.locator("tr.more")).to_contain_text("350 more")
    before = rows(there).count()
    there.click("tr.more a")
    expect(there.locator("tr.more")).to_contain_text("200 more")
    expect(rows(there)).to_have_count(before + 150)


def test_a_search_finds_while_one_types_and_keeps_the_focus(there: "Page") -> None:
    there.goto(LAYER_PAGE)
    there.locator("main input[name=q]").press_sequentially("*.js", delay=20)
    there.locator("[role=status]:has-text('1 of 505 entries')").wait_for()
    expect(there.locator("main input[name=q]")).to_be_focused()
    expect(there).to_have_url(re.compile(r"q=(\*|%2A)\.js"))
    there.click("label:has-text('flat')")
    there.locator("table.tree.flat").wait_for()
    expect(rows(there)).to_have_count(1)


def test_a_flat_list_goes_on_as_one_scrolls(there: "Page") -> None:
    there.goto(LAYER_PAGE + "?view=flat&sort=name")
    expect(rows(there)).to_have_count(151)
    there.locator("tr.more").scroll_into_view_if_needed()
    there.locator("table.tree tbody tr:nth-child(250)").wait_for()


def test_sorting_and_filtering_leave_the_page_where_it_is(there: "Page") -> None:
    there.goto(LAYER_PAGE)
    there.click("thead a:has-text('name')")
    there.wait_for_url("**sort=name*")
    expect(there.locator("thead [aria-sort]")).to_have_attribute("aria-sort", "ascending")
    there.click("nav.pills a:has-text('folders')")
    there.wait_for_url("**kind=dir*")
    there.go_back()
    there.locator("h1:has-text('Layer')").wait_for()
    there.locator("[aria-sort=ascending]").wait_for()


def test_the_map_leads_into_a_folder_and_back(there: "Page") -> None:
    there.goto(LAYER_PAGE)
    tile = there.locator("#map text:has-text('srv/')").first
    tile.wait_for()
    settle(there)
    box = tile.bounding_box()
    assert box is not None
    there.mouse.click(box["x"] + 4, box["y"] + 4)
    there.locator("#map .trail b:has-text('srv')").wait_for()
    expect(there).to_have_url(re.compile(r"\?at=srv$"))
    there.reload()
    there.locator("#map .trail b:has-text('srv')").wait_for()
    there.locator("#map [data-chart] .slicetext").first.wait_for()
    there.click("#map .trail a:has-text('layer')")
    there.locator("#map:not(:has(.trail))").wait_for()
    expect(there).not_to_have_url(re.compile("at="))


def test_no_name_on_the_map_is_too_small_to_read(there: "Page") -> None:
    there.set_viewport_size({"width": 360, "height": 760})
    there.goto(LAYER_PAGE)
    there.locator("#map [data-chart] .slicetext").first.wait_for()
    there.wait_for_function(
        "() => [...document.querySelectorAll('#map .slicetext')].filter((text) => text.style.visibility !== 'hidden')"
        ".every((text) => Number(/scale\\(([\\d.]+)\\)/.exec(text.getAttribute('transform'))?.[1] ?? 1) >= 0.8)"
    )


def test_the_tabs_of_an_image_change_in_place(there: "Page") -> None:
    there.goto(IMAGE_PAGE)
    there.locator("#files table.tree").wait_for()
    for tab, title in (("Layers", "1 of 2 layers"), ("Waste", "Nothing is hidden"), ("Config", "It runs /bin/sh")):
        there.click(f"nav.tabs a:has-text('{tab}')")
        there.locator(f"#about-title:has-text('{title}')").wait_for()
        expect(there).to_have_url(re.compile(f"tab={tab.lower()}"))
    there.go_back()
    there.locator("#about-title:has-text('Nothing is hidden')").wait_for()
    there.locator("#stack-title").wait_for()


def test_the_merged_view_keeps_its_state_in_the_address_of_the_image(there: "Page") -> None:
    there.goto(IMAGE_PAGE + "?open=")
    there.locator("#files a.folder[data-at='srv']").click()
    there.locator("#files a.folder[data-at='srv/data']").wait_for()
    there.locator("#files-form input[name=q]").press_sequentially("motd", delay=20)
    there.locator("#files [role=status]:has-text('1 of')").wait_for()
    expect(there).to_have_url(re.compile(rf"{IMAGE_PAGE}\?.*q=motd"))
    there.reload()
    there.locator("#files th[title='etc/motd']").wait_for()


def test_the_scale_of_the_stack_goes_into_the_address(there: "Page") -> None:
    there.goto(IMAGE_PAGE)
    slab = there.locator(".plate .slab").last
    root = slab.evaluate("slab => slab.clientHeight")
    there.click("label:has-text('linear')")
    there.wait_for_url("**scale=linear*")
    there.wait_for_function(
        "root => [...document.querySelectorAll('.plate .slab')].at(-1).clientHeight < root", arg=root
    )
    there.reload()
    expect(there.locator("#scale-linear")).to_be_checked()


def test_pointing_at_a_layer_lights_it_everywhere(there: "Page") -> None:
    there.goto(IMAGE_PAGE)
    there.locator("table.hist tr[data-layer='1']").hover()
    expect(there.locator(".plate[data-layer='1']")).to_have_class(re.compile(r"\blit\b"))


def test_nothing_is_wider_than_the_screen(there: "Page") -> None:
    image_pages = (IMAGE_PAGE, IMAGE_PAGE + "?tab=layers", IMAGE_PAGE + "files/")
    fits(there, *image_pages, LAYER_PAGE, LAYER_PAGE + "?view=flat")


def test_without_a_script_everything_can_be_read(shop: None, scriptless: "Page") -> None:
    page = scriptless
    page.goto(LAYER_PAGE + "?open=")
    page.click("a.folder[data-at='srv']")
    page.click("a.folder[data-at='srv/data']")
    expect(rows(page)).to_have_count(155)  # srv, its file, its folder, 150 of that, the rest, odd
    page.fill("main input[name=q]", "*.js")
    page.press("main input[name=q]", "Enter")
    expect(page.locator("th[title='srv/app.js']")).to_be_visible()
    page.goto(LAYER_PAGE + "?view=flat")
    page.click("tr.more a")
    expect(page).to_have_url(re.compile("page=2"))
    page.locator("#map details summary").click()
    page.click("#map tbody a >> nth=0")
    expect(page).to_have_url(re.compile("at="))
    page.goto(IMAGE_PAGE)
    page.click("#merged a")
    expect(page).to_have_url(re.compile("/files/$"))
    expect(page.locator("table.tree")).to_be_visible()
