"""Find in a real browser: from the box of any page to what it finds, under the strict content policy."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import Whiteout, docker_save, image, layer, write
from tests.service.browsing import PHONE, expect, fits
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
    site.take_in(archive)


@pytest.mark.usefixtures("libraries")
def test_from_the_box_in_the_header_to_the_versions_of_a_file(signed_in: "Page") -> None:
    signed_in.set_viewport_size({"width": 1280, "height": 800})
    signed_in.goto("/")
    box = signed_in.get_by_role("searchbox", name="Find a path, digest or image")
    box.fill("**/libfind.so.*")
    box.press("Enter")
    signed_in.wait_for_url(re.compile("/find/"))
    signed_in.get_by_role("heading", name="2 contents under 2 paths in 2 images").wait_for()
    signed_in.locator(".plot .point path").first.wait_for()
    expect(signed_in.get_by_text("hidden in 1").first).to_be_visible()
    signed_in.get_by_role("link", name="usr/lib/libfind.so.1.1").click()
    signed_in.wait_for_url(re.compile("/layers/sha256:"))
    expect(signed_in.locator("main")).to_contain_text("libfind.so.1.1")


@pytest.mark.usefixtures("libraries")
def test_on_a_phone_nothing_scrolls_sideways(signed_in: "Page") -> None:
    fits(signed_in, "/find/?q=libfind.so.1.0", widths=(PHONE,))
