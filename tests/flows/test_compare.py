"""Comparing in a real browser: from an image to the push before it, into folders, by filters."""

from typing import TYPE_CHECKING

import pytest

from tests.archives import docker_save, write
from tests.compared import AFTER, BEFORE
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pushes(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same tag, twice."""
    for number, built in enumerate((BEFORE, AFTER)):
        archive = write(tmp_path_factory.mktemp("pushes") / f"{number}.tar", docker_save(built))
        done = site.manage("analyze", str(archive))
        assert done.returncode == 0, done.stderr


@pytest.fixture
def there(signed_in: "Page", pushes: None) -> "Page":
    return signed_in


def test_an_image_is_compared_with_the_push_before_it(there: "Page") -> None:
    there.goto(f"/images/{AFTER.id}/")
    there.click("a:has-text('Compare with the push before')")
    there.locator("h2:has-text('nearly the same')").wait_for()
    there.click("a:has-text('semantic')")
    there.wait_for_url("**semantic=1*")
    assert not there.locator("#files .change:has-text('mtime')").count()
    there.click("#files .pills a:has-text('added')")
    there.wait_for_url("**change=added*")
    assert there.locator("#files [aria-label='Paths that differ'] tbody tr").count() == 3
    there.click("#files a:has-text('srv/') >> nth=-1")
    there.wait_for_url("**at=srv*")
    assert there.locator("#files [aria-label='Paths that differ'] tbody tr").count() == 1
    there.fill("#files input[name=q]", "nothing")
    there.press("#files input[name=q]", "Enter")
    there.locator("[role=status]:has-text('0 of')").wait_for()
    there.click("a:has-text('swap')")
    there.locator("h2:has-text('1 nearly the same')").wait_for()


def test_two_names_are_compared_by_the_form(there: "Page") -> None:
    there.goto("/compare/")
    there.fill("input[name=a]", BEFORE.id[7:19])
    there.fill("input[name=b]", "shop:1")
    there.press("input[name=b]", "Enter")
    there.locator("h2:has-text('nearly the same')").wait_for()


@pytest.mark.parametrize("width", [360, 2560])
def test_nothing_is_wider_than_the_screen(there: "Page", width: int) -> None:
    there.set_viewport_size({"width": width, "height": 800})
    for address in ("/compare/", f"/compare/?a={BEFORE.id}&b={AFTER.id}"):
        there.goto(address)
        assert there.evaluate("document.documentElement.scrollWidth") <= width, address


def test_several_images_are_compared_and_chosen(there: "Page") -> None:
    there.goto(f"/reuse/compare/?image={BEFORE.id}&image={AFTER.id}")
    there.locator(".plot .barlayer .point path").first.wait_for()
    there.click(".pills a:has-text('by contents')")
    there.locator("h2:has-text('by contents of files')").wait_for()
    bar = there.locator(".plot .barlayer .point path").first
    bar.wait_for()
    there.locator(".plot").scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    there.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    there.locator(".hoverlayer text").first.wait_for()
    there.uncheck(f"input[name=image][value='{BEFORE.id}']")
    there.click("button:has-text('find more')")
    there.locator("h2:has-text('shop:1 alone')").wait_for()
