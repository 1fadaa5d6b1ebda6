"""The panel in a real browser: a stored layer is found by a path in it, verified, and deleted once a word is typed."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.units import grouped
from tests.archives import docker_save, image, layer, write
from tests.service.browsing import expect
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LAYER = layer({"srv/panel-flow.bin": b"panel" * 40_000})
SHORT = LAYER.diff_id[7:19]


@pytest.fixture
def panel(signed_in: "Page", tmp_path: Path) -> "Page":
    """The page of the layer, found by a path in it."""
    archive = write(tmp_path / "panel.tar", docker_save(image([LAYER], tags=["panel-flow:1"])))
    signed_in.goto("/add/")
    signed_in.set_input_files("#files", archive)
    signed_in.locator("#queue > li", has_text="panel.tar").get_by_text("done").wait_for()
    signed_in.goto("/admin/")
    expect(signed_in.locator(".totals")).to_contain_text("Free on the disk")
    signed_in.click("#content th a:text-is('Layers')")
    signed_in.fill("#searchbar", "srv/panel-flow.bin")
    signed_in.press("#searchbar", "Enter")
    expect(signed_in.locator("#result_list tbody tr")).to_have_count(1)
    signed_in.click(f"#result_list a:has-text('{SHORT}')")
    signed_in.locator("button:text-is('Verify digests')").wait_for()
    return signed_in


def files_of(site: Site) -> dict[Path, int]:
    return {path: path.stat().st_size for path in (site.data / "blobs" / "sha256").rglob("*") if path.is_file()}


def test_a_layer_is_found_verified_and_deleted_to_the_byte(panel: "Page", site: Site) -> None:
    address = panel.url
    panel.click("button:text-is('Verify digests')")
    panel.locator("#came td", has_text=LAYER.digest).first.wait_for()
    panel.goto(address)
    expect(panel.locator("#content")).to_contain_text("right")
    before = files_of(site)
    panel.click("button:has-text('Delete, with its images')")
    panel.locator("#typed").wait_for()
    expect(panel.locator("#content")).to_contain_text("panel-flow:1")
    expect(panel.locator(".totals")).to_contain_text(f"{grouped(len(LAYER.tar))} bytes")
    panel.fill("#typed", "not this")
    panel.click("input.danger")
    expect(panel.locator(".messagelist")).to_contain_text(f"Type {SHORT} to confirm")
    panel.fill("#typed", SHORT)
    panel.click("input.danger")
    panel.locator("#came .field-state .readonly", has_text="done").wait_for()
    gone = before.keys() - files_of(site).keys()
    assert [before[path] for path in gone] == [len(LAYER.tar)]
    panel.goto("/admin/analyzer/auditline/")
    expect(panel.locator("#result_list")).to_contain_text("upkeep.delete")
