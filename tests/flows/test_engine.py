"""From the engine's list to the dashed layer on its image, in a browser."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.archives import docker_save, image, layer, write
from tests.registry.engines import CONTAINER, FakeEngine

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

APP = image([layer({"srv/app": b"code" * 30_000}), layer({"etc/motd": b"hello"})], tags=["app:1"])


def test_an_image_comes_from_the_engine_and_its_container_stands_on_it(
    signed_in: "Page", engine: FakeEngine, tmp_path: Path
) -> None:
    engine.answers["/images/get"] = write(tmp_path / "saved.tar", docker_save(APP)).read_bytes()
    engine.answers["/images/json"][0]["Id"] = APP.id
    engine.answers["/containers/json"][0]["ImageID"] = APP.id
    engine.answers[f"/containers/{CONTAINER}/json"]["Image"] = APP.id
    page = signed_in
    page.goto("/add/")
    page.get_by_role("heading", name="The engine has 1 image").wait_for()
    shot(page, "add")
    page.get_by_role("button", name="Take it in").click()
    page.get_by_role("link", name="app:1").first.wait_for()
    page.goto("/engine/")
    shot(page, "engine")
    page.get_by_role("row", name="writer").get_by_role("link", name="app:1").click()
    page.locator(".plate.writable").wait_for()
    shot(page, "stack")
    page.get_by_role("link", name="writable layer", exact=True).click()
    page.get_by_role("heading", name="1 added, 2 changed, 1 deleted").wait_for()
    shot(page, "container")


def shot(page: "Page", name: str) -> None:
    if not os.environ.get("SHOTS"):
        return
    for width in (1440, 360):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{os.environ['SHOTS']}/{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
