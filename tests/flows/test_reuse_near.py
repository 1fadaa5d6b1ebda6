"""Near misses and common ground in a real browser: both fill up by themselves, under the strict content policy."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import docker_save, image, layer, write
from tests.service.browsing import expect
from tests.service.site import Site
from tests.tars import File

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FAMILY = re.compile(r"near-\w+:1 and near-\w+:1: 2 layers, 1.14 MiB stored again")
PACKAGES = {f"usr/lib/near/{number}": bytes([number]) * 300_000 for number in range(1, 5)}


@pytest.fixture(scope="module")
def shelf(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two images that install the same packages, the second with another owner and a cache."""
    owned = {path: File(data=data, uid=1000) for path, data in PACKAGES.items()}
    images = [
        image([layer(PACKAGES)], tags=["near-first:1"], history=["RUN packages add near"]),
        image([layer(owned | {"var/near-cache": File(data=b"c" * 900_000)})], tags=["near-second:1"]),
    ]
    archive = write(tmp_path_factory.mktemp("near") / "near.tar", docker_save(*images))
    site.take_in(archive)


def test_near_misses_lead_from_the_family_to_the_layer_and_back(signed_in: "Page", shelf: None) -> None:
    signed_in.goto("/reuse/near-misses/?repository=near-first")
    signed_in.get_by_role("heading", name="No two layers are nearly the same").wait_for()
    signed_in.goto("/reuse/near-misses/")
    signed_in.get_by_role("heading", name=FAMILY).wait_for()
    signed_in.locator(".plot .point path").first.wait_for()
    expect(signed_in.get_by_text("var/near-cache", exact=True)).to_be_visible()
    signed_in.locator(".family", has_text=FAMILY).locator("a.chip").first.click()
    signed_in.get_by_role("heading", name="Nearly the same as one other layer").wait_for()
    signed_in.get_by_role("link", name="All near misses").click()
    signed_in.get_by_role("heading", name=FAMILY).wait_for()


def test_common_ground_is_narrowed_by_its_form(signed_in: "Page", shelf: None) -> None:
    signed_in.goto("/reuse/common-ground/?tag=near-*")
    heading = signed_in.get_by_role("heading", name="usr/lib/near: 4 files in 2 layers of 2 images")
    heading.wait_for()
    signed_in.locator(".plot .point path").first.wait_for()
    signed_in.get_by_label("sets of at least").fill("1.5")
    signed_in.get_by_role("button", name="Show").click()
    signed_in.get_by_role("heading", name="No files of this weight").wait_for()
    expect(signed_in).to_have_url(re.compile(r"tag=near-(\*|%2A)"))
    expect(signed_in).to_have_url(re.compile("least=1.5"))
