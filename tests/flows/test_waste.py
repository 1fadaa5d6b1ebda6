"""The Waste page in a real browser: a bar leads to its layer, a line opens its largest entries."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import Whiteout, docker_save, image, layer, write
from tests.service.browsing import click_mark, expect
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

BROUGHT = layer({"srv/big.bin": b"b" * 90_000, "srv/stays": b"s"})
WASTEFUL = image(
    [BROUGHT, layer({"srv/big.bin": Whiteout()})], tags=["flow-waste:1"], history=["COPY . /srv", "RUN rm /srv/big.bin"]
)


@pytest.fixture(scope="module")
def wasteful(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    site.take_in(write(tmp_path_factory.mktemp("waste") / "waste.tar", docker_save(WASTEFUL)))


@pytest.fixture
def there(signed_in: "Page", wasteful: None) -> "Page":
    signed_in.goto(f"/images/{WASTEFUL.id}/?tab=waste")
    signed_in.click("text=Line by line, with remedies")
    return signed_in


def test_a_click_on_a_bar_leads_to_the_layer_that_brought_the_bytes(there: "Page") -> None:
    click_mark(there.locator(".plot .point path").first)
    there.wait_for_url(re.compile(f"/layers/{BROUGHT.diff_id}/"))


def test_a_line_opens_to_its_largest_entries(there: "Page") -> None:
    there.click(".waste-lines summary")
    expect(there.locator(".waste-lines li code").first).to_have_text("srv/big.bin")
