"""An image and a layer in a real browser: folders open in place, searches find, the map leads into folders."""

from typing import TYPE_CHECKING

import pytest

from tests.archives import Dir, File, Image, docker_save, image, layer, write
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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
    done = site.manage("analyze", str(archive))
    assert done.returncode == 0, done.stderr


@pytest.fixture
def there(signed_in: "Page", shop: None) -> "Page":
    return signed_in


def rows(page: "Page") -> int:
    return page.locator("table.tree tbody tr").count()


def test_folders_open_and_close_in_place_and_the_address_keeps_up(there: "Page") -> None:
    there.goto(LAYER_PAGE + "?open=")
    assert rows(there) == 2
    there.click("a.folder[data-at='odd%FF']")
    there.locator("tr:has-text('<b>inside')").wait_for()
    assert there.url.endswith("?open=odd%FF")
    there.reload()
    assert there.locator("a.folder[data-at='odd%FF']").get_attribute("aria-expanded") == "true"
    there.locator("a.folder[data-at='odd%FF']").press("ArrowLeft")
    assert rows(there) == 2
    assert there.url.endswith("?open=")


def test_the_rest_of_a_folder_comes_with_a_click(there: "Page") -> None:
    there.goto(LAYER_PAGE + "?open=srv/data")
    assert there.locator("tr.more").inner_text().startswith("350 more")
    before = rows(there)
    there.click("tr.more a")
    there.locator("tr.more:has-text('200 more')").wait_for()
    assert rows(there) == before + 150


def test_a_search_finds_while_one_types_and_keeps_the_focus(there: "Page") -> None:
    there.goto(LAYER_PAGE)
    there.locator("main input[name=q]").press_sequentially("*.js", delay=20)
    there.locator("[role=status]:has-text('1 of 505 entries')").wait_for()
    assert there.evaluate("document.activeElement.name") == "q"
    assert "q=*.js" in there.url
    there.click("label:has-text('flat')")
    there.locator("table.tree.flat").wait_for()
    assert rows(there) == 1


def test_a_flat_list_goes_on_as_one_scrolls(there: "Page") -> None:
    there.goto(LAYER_PAGE + "?view=flat&sort=name")
    assert rows(there) == 151
    there.locator("tr.more").scroll_into_view_if_needed()
    there.locator("table.tree tbody tr:nth-child(250)").wait_for()


def test_sorting_and_filtering_leave_the_page_where_it_is(there: "Page") -> None:
    there.goto(LAYER_PAGE)
    there.click("thead a:has-text('name')")
    there.wait_for_url("**sort=name*")
    assert there.locator("thead [aria-sort]").get_attribute("aria-sort") == "ascending"
    there.click("nav.pills a:has-text('folders')")
    there.wait_for_url("**kind=dir*")
    there.go_back()
    there.locator("h1:has-text('Layer')").wait_for()
    there.locator("[aria-sort=ascending]").wait_for()


def test_the_map_leads_into_a_folder_and_back(there: "Page") -> None:
    there.goto(LAYER_PAGE)
    tile = there.locator("#map text:has-text('srv/')").first
    tile.wait_for()
    box = tile.bounding_box()
    assert box is not None
    there.mouse.click(box["x"] + 4, box["y"] + 4)
    there.locator("#map .trail b:has-text('srv')").wait_for()
    assert there.url.endswith("?at=srv")
    there.reload()
    there.locator("#map .trail b:has-text('srv')").wait_for()
    there.locator("#map [data-chart] .slicetext").first.wait_for()
    there.click("#map .trail a:has-text('layer')")
    there.locator("#map:not(:has(.trail))").wait_for()
    assert "at=" not in there.url


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
        assert f"tab={tab.lower()}" in there.url
    there.go_back()
    there.locator("#about-title:has-text('Nothing is hidden')").wait_for()
    there.locator("#stack-title").wait_for()


def test_the_merged_view_keeps_its_state_in_the_address_of_the_image(there: "Page") -> None:
    there.goto(IMAGE_PAGE + "?open=")
    there.locator("#files a.folder[data-at='srv']").click()
    there.locator("#files a.folder[data-at='srv/data']").wait_for()
    there.locator("#files-form input[name=q]").press_sequentially("motd", delay=20)
    there.locator("#files [role=status]:has-text('1 of')").wait_for()
    assert there.url.partition("?")[0].endswith(IMAGE_PAGE)
    there.reload()
    there.locator("#files th[title='etc/motd']").wait_for()


def test_the_scale_of_the_stack_goes_into_the_address(there: "Page") -> None:
    there.goto(IMAGE_PAGE)
    slab = there.locator(".plate .slab").last
    root = slab.evaluate("slab => slab.clientHeight")
    there.click("label:has-text('linear')")
    there.wait_for_url("**scale=linear*")
    there.wait_for_function(  # it glides
        "root => [...document.querySelectorAll('.plate .slab')].at(-1).clientHeight < root", arg=root
    )
    there.reload()
    assert there.locator("#scale-linear").is_checked()


def test_pointing_at_a_layer_lights_it_everywhere(there: "Page") -> None:
    there.goto(IMAGE_PAGE)
    there.locator("table.hist tr[data-layer='1']").hover()
    assert "lit" in (there.locator(".plate[data-layer='1']").get_attribute("class") or "")


@pytest.mark.parametrize("width", [360, 2560])
def test_nothing_is_wider_than_the_screen(there: "Page", width: int) -> None:
    there.set_viewport_size({"width": width, "height": 800})
    for address in (
        IMAGE_PAGE,
        IMAGE_PAGE + "?tab=layers",
        IMAGE_PAGE + "files/",
        LAYER_PAGE,
        LAYER_PAGE + "?view=flat",
    ):
        there.goto(address)
        there.wait_for_timeout(200)
        assert there.evaluate("document.documentElement.scrollWidth") <= width, address


def test_without_a_script_everything_can_be_read(there: "Page", browser: "Browser", site: Site) -> None:
    state = there.context.storage_state()
    with browser.new_context(base_url=site.url, java_script_enabled=False, storage_state=state) as context:
        page = context.new_page()
        page.goto(LAYER_PAGE + "?open=")
        page.click("a.folder[data-at='srv']")
        page.click("a.folder[data-at='srv/data']")
        assert rows(page) > 150
        page.fill("main input[name=q]", "*.js")
        page.press("main input[name=q]", "Enter")
        assert page.locator("th[title='srv/app.js']").is_visible()
        page.goto(LAYER_PAGE + "?view=flat")
        page.click("tr.more a")
        assert "page=2" in page.url
        page.locator("#map details summary").click()
        page.click("#map tbody a >> nth=0")
        assert "at=" in page.url
        page.goto(IMAGE_PAGE)
        page.click("#merged a")
        assert page.url.endswith("/files/")
        assert page.locator("table.tree").is_visible()
