"""Forest, heat map and grid in a real browser: each is clicked, on a phone too, and without a script it can be read."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import docker_save, image, layer, write
from tests.service.browsing import PHONE, expect, fits, settle
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

BASE = layer({"usr/lib/pictures.so": b"p" * 90_000})
LIB = layer({"usr/lib/lib.so": b"l" * 50_000})
STACKS = {
    "pictures-base": [BASE],
    "pictures-shop": [BASE, LIB, layer({"srv/shop": b"s" * 40_000})],
    "pictures-fat": [BASE, LIB, layer({"srv/fat": b"f" * 60_000})],
}
SCOPE = "tag=pictures-*"


@pytest.fixture(scope="module")
def shelf(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A base and two images that share it and one more layer, in one archive."""
    images = [image(stack, tags=[f"{name}:1"]) for name, stack in STACKS.items()]
    archive = write(tmp_path_factory.mktemp("pictures") / "pictures.tar", docker_save(*images))
    site.take_in(archive)


@pytest.fixture
def there(signed_in: "Page", shelf: None) -> "Page":
    return signed_in


def boxes(page: "Page") -> "Locator":
    return page.locator(".plot .point path")


def test_a_click_on_a_box_goes_deeper_and_the_trail_comes_back(there: "Page") -> None:
    there.goto(f"/reuse/forest/?{SCOPE}")
    settle(there)
    expect(boxes(there)).to_have_count(4)
    boxes(there).nth(1).click(position={"x": 12, "y": 30}, force=True)  # Plotly lays its own plane over all
    there.wait_for_url(re.compile(r"at=sha256:"))
    expect(boxes(there)).to_have_count(3)
    expect(there).to_have_url(re.compile("tag=pictures-"))
    there.click(".trail a:text-is('All chains')")
    there.wait_for_url(re.compile(r"/reuse/forest/\?tag=pictures-[^&]*$"))


def test_a_box_that_carries_nothing_leads_to_its_layer_and_a_label_to_its_image(there: "Page") -> None:
    there.goto(f"/reuse/forest/?{SCOPE}")
    settle(there)
    boxes(there).last.click(force=True)
    there.wait_for_url("**/layers/sha256:*/")
    there.go_back()
    boxes(there).first.wait_for()
    settle(there)
    there.locator(".plot .annotation a", has_text="pictures-fat:1").click(force=True)
    there.wait_for_url("**/images/sha256:*/")
    expect(there.locator("h1")).to_contain_text("pictures-fat")


def test_texts_stand_inside_their_boxes(there: "Page") -> None:
    there.goto(f"/reuse/forest/?{SCOPE}")
    expect(boxes(there)).to_have_count(4)
    there.wait_for_function(
        """() => [...document.querySelectorAll(".plot .point")].every((point) => {
          const [box, text] = ["path", "text"].map((tag) => point.querySelector(tag)?.getBoundingClientRect());
          return !text || (text.left >= box.left - 1 && text.right <= box.right + 1 && text.top >= box.top - 2);
        })"""
    )


def test_pointing_at_a_cell_names_both_and_a_click_sets_them_side_by_side(there: "Page") -> None:
    there.goto(f"/reuse/heat-map/?{SCOPE}")
    plot = there.locator(".plot .heatmaplayer image")
    plot.wait_for()
    settle(there)
    names = there.locator(".plot .ytick text").all_text_contents()
    shop, fat = names.index("pictures-shop:1"), names.index("pictures-fat:1")
    area = plot.bounding_box()
    assert area
    cell = {"x": (shop + 0.5) * area["width"] / len(names), "y": (fat + 0.5) * area["height"] / len(names)}
    there.mouse.move(area["x"] + cell["x"], area["y"] + cell["y"])
    hover = there.locator(".plot .hoverlayer")
    for said in ("140,000 bytes", "pictures-shop:1", "pictures-fat:1", "% of the smaller"):
        expect(hover).to_contain_text(said)
    there.mouse.click(area["x"] + cell["x"], area["y"] + cell["y"])
    there.wait_for_url("**/reuse/grid/*")
    expect(there.locator(".beside .heads li")).to_have_count(2)


def test_images_are_chosen_and_their_layers_light_up(there: "Page") -> None:
    there.goto(f"/reuse/grid/?{SCOPE}")
    expect(there.locator(".beside .heads li")).to_have_count(3)
    there.locator(".picker label", has_text="pictures-base").locator("input").uncheck()
    there.click(".picker button")
    there.wait_for_url(re.compile(r"image="))
    expect(there.locator(".beside .heads li")).to_have_count(2)
    shared = there.locator(f".beside .cell[data-layer='{LIB.diff_id[7:19]}']")
    shared.hover()
    expect(shared).to_have_class(re.compile(r"\blit\b"))
    shared.click()
    there.wait_for_url(f"**/layers/{LIB.diff_id}/")


def test_on_a_phone_nothing_is_wider_than_the_screen(there: "Page") -> None:
    fits(there, *(f"/reuse/{picture}/?{SCOPE}" for picture in ("forest", "heat-map", "grid")), widths=(PHONE,))


def test_without_a_script_the_figures_can_be_read_and_opened(shelf: None, scriptless: "Page") -> None:
    scriptless.goto(f"/reuse/forest/?{SCOPE}")
    scriptless.click("details.figures summary")
    scriptless.locator("details.figures tbody tr").nth(1).locator("td.num a").click()
    expect(scriptless).to_have_url(re.compile("at=sha256:"))
    scriptless.goto(f"/reuse/grid/?{SCOPE}&image=pictures-shop:1&image=pictures-fat:1")
    expect(scriptless.locator(".beside .heads li")).to_have_count(2)
