"""Comparing in a real browser: from an image to the push before it, into folders, by filters."""

from typing import TYPE_CHECKING

import pytest

from tests.archives import docker_save, write
from tests.compared import AFTER, BEFORE
from tests.service.browsing import expect, fits, point_at
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pushes(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same tag, twice."""
    for number, built in enumerate((BEFORE, AFTER)):
        archive = write(tmp_path_factory.mktemp("pushes") / f"{number}.tar", docker_save(built))
        site.take_in(archive)


@pytest.fixture
def there(signed_in: "Page", pushes: None) -> "Page":
    return signed_in


def test_an_image_is_compared_with_the_push_before_it(there: "Page") -> None:
    there.goto(f"/images/{AFTER.id}/")
    there.click("a:has-text('Compare with the push before')")
    there.locator("h2:has-text('nearly the same')").wait_for()
    there.click("a:has-text('semantic')")
    there.wait_for_url("**semantic=1*")
    there.locator("#files:has-text('Times are left out.')").wait_for()
    expect(there.locator("#files .change:has-text('mtime')")).to_have_count(0)
    there.click("#files .pills a:has-text('added')")
    there.wait_for_url("**change=added*")
    differing = there.locator("#files [aria-label='Paths that differ'] tbody tr")
    expect(differing).to_have_count(3)
    there.click("#files a:has-text('srv/') >> nth=-1")
    there.wait_for_url("**at=srv*")
    expect(differing).to_have_count(1)
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


def test_nothing_is_wider_than_the_screen(there: "Page") -> None:
    fits(there, "/compare/", f"/compare/?a={BEFORE.id}&b={AFTER.id}")


def test_several_images_are_compared_and_chosen(there: "Page") -> None:
    there.goto(f"/reuse/compare/?image={BEFORE.id}&image={AFTER.id}")
    there.locator(".plot .barlayer .point path").first.wait_for()
    there.click(".pills a:has-text('by contents')")
    there.locator("h2:has-text('by contents of files')").wait_for()
    point_at(there.locator(".plot .barlayer .point path").first, across=1 / 3)
    there.locator(".hoverlayer text").first.wait_for()
    there.uncheck(f"input[name=image][value='{BEFORE.id}']")
    there.click("button:has-text('find more')")
    there.locator("h2:has-text('shop:1 alone')").wait_for()
