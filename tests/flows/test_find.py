"""Find in a real browser: from the box of any page to what it finds, under the strict content policy."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import Whiteout, docker_save, image, layer, write
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def libraries(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two versions of a library, one of them hidden in an image."""
    old = layer({"usr/lib/libfind.so.1.0": b"old" * 900})
    new = layer({"usr/lib/libfind.so.1.1": b"new" * 900, "usr/lib/libfind.so.1.0": Whiteout()})
    images = (image([old], tags=["find-base:1"]), image([old, new], tags=["find-shop:1"]))
    archive = write(tmp_path_factory.mktemp("find") / "find.tar", docker_save(*images))
    done = site.manage("analyze", str(archive))
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("libraries")
def test_from_the_box_in_the_header_to_the_versions_of_a_file(signed_in: "Page") -> None:
    signed_in.set_viewport_size({"width": 1280, "height": 800})
    signed_in.goto("/")
    box = signed_in.get_by_role("searchbox", name="Find a path, digest or image")
    box.fill("**/libfind.so.*")
    box.press("Enter")
    signed_in.wait_for_url(re.compile("/find/"))
    assert signed_in.get_by_role("heading", name="2 contents under 2 paths in 2 images").is_visible()
    signed_in.locator(".plot .point path").first.wait_for()
    assert signed_in.get_by_text("hidden in 1").first.is_visible()
    signed_in.get_by_role("link", name="usr/lib/libfind.so.1.1").click()
    assert signed_in.get_by_text("libfind.so.1.1").first.is_visible()


@pytest.mark.usefixtures("libraries")
def test_on_a_phone_nothing_scrolls_sideways(signed_in: "Page") -> None:
    signed_in.set_viewport_size({"width": 360, "height": 780})
    signed_in.goto("/find/?q=libfind.so.1.0")
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 360
