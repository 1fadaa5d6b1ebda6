"""What if in a real browser: images are chosen and taken out, a chart is clicked, several images are deleted."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import docker_save, image, layer, write
from tests.service.browsing import PHONE, click_mark, expect, fits
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

BASE, BOTH = layer({"usr/base": b"b" * 50_000}), layer({"usr/both": b"t" * 20_000})
STACKS = {
    "wf-base:1": [BASE],
    "wf-left:1": [BASE, BOTH, layer({"left": b"l" * 3_000})],
    "wf-right:1": [BASE, BOTH, layer({"right": b"r" * 1_000})],
}


@pytest.fixture
def there(signed_in: "Page", site: Site, tmp_path_factory: pytest.TempPathFactory) -> "Page":
    images = [image(layers, tags=[tag]) for tag, layers in STACKS.items()]
    site.take_in(write(tmp_path_factory.mktemp("what-if") / "what-if.tar", docker_save(*images)))
    return signed_in


def click_first_bar(page: "Page") -> None:
    click_mark(page.locator(".plot .point path").first)


def test_images_are_added_and_taken_out_one_by_one(there: "Page") -> None:
    there.goto("/reuse/what-if/?tag=wf-*")
    for name in ("wf-left:1", "wf-right:1"):
        there.fill("input[type=text][name=image]", name)
        there.click("button:text('Add')")
        there.locator(f"[aria-label='Take out {name}']").wait_for()  # else the next name is filled into the old page
    there.locator("h2:has-text('Deleting these 2 images frees')").wait_for()
    expect(there).to_have_url(re.compile("tag=wf-"))  # the scope is kept
    there.click("[aria-label='Take out wf-left:1']")
    there.locator("h2:has-text('Deleting this image frees 1,000 B in 1 layer')").wait_for()
    there.go_back()
    there.locator("text=19.5 KiB are shared among just these images").wait_for()


def test_a_bar_of_a_chart_leads_to_its_layer(there: "Page") -> None:
    there.goto("/reuse/what-if/?image=wf-left:1&image=wf-right:1")
    click_first_bar(there)
    there.wait_for_url("**/layers/sha256:*/")
    there.goto("/reuse/bases/?tag=wf-*")
    click_first_bar(there)
    there.wait_for_url(f"**/layers/{BASE.diff_id}/")


def test_several_images_are_deleted_after_a_question(there: "Page") -> None:
    there.goto("/images/?q=wf-")
    for name in ("wf-left:1", "wf-right:1"):
        there.check(f"[aria-label='Choose {name}']")
    there.click("#chosen button:has-text('What would deleting them free?')")
    there.locator("h2:has-text('Deleting these 2 images frees 23.4 KiB')").wait_for()
    there.click("a:has-text('Delete these 2 images…')")
    there.locator("h1:has-text('Delete 2 images?')").wait_for()
    there.click("main button.danger")
    there.locator("text=2 images were deleted. 23.4 KiB are free again.").wait_for()
    there.goto("/images/?q=wf-")
    expect(there.locator("table.images tbody tr")).to_have_count(1)


def test_nothing_is_wider_than_a_phone(there: "Page") -> None:
    asked = ("ask=room&size=1KiB", "ask=pull&image=wf-base:1", "ask=rebase&move=wf-left:1&onto=wf-base:1")
    questions = [f"/reuse/what-if/?{ask}" for ask in ("image=wf-left:1", *asked)]
    fits(there, *questions, "/reuse/bases/", widths=(PHONE,))
