"""`make screenshots`: one picture of each page, from a site of its own, into docs/screenshots/.

With CORPUS=folder its `*.docker.tar` are on the pages, else the sample is.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.service.browsing import FLAGS, log_in
from tests.service.site import Site, running_site
from tests.settings import ROOT

FOLDER = ROOT / "docs" / "screenshots"
WIDE: ViewportSize = {"width": 1440, "height": 960}
PHONE: ViewportSize = {"width": 360, "height": 760}


@contextmanager
def filled_site() -> Iterator[tuple[Site, str]]:
    """A running site, and the name of the image to show."""
    corpus = os.environ.get("CORPUS")
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder) / "data") as site:
        if corpus:
            archives = sorted(map(str, Path(corpus).glob("*.docker.tar")))
            assert site.manage("analyze", *archives).returncode == 0
        yield site, "expressweb" if corpus else "sample/shop:1"


def picture(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


def show(page: Page, shown: str) -> None:
    page.goto("/add/")
    page.click("text=Analyse the sample")
    page.wait_for_selector("text=brought")
    picture(page, "jobs")
    for name, path in (("overview", "/"), ("images", "/images/"), ("add", "/add/"), ("tokens", "/tokens/")):
        page.goto(path)
        picture(page, name)
    page.goto("/images/")
    page.click(f"main a:text-is('{shown}')")
    picture(page, "image")
    image = page.url
    page.emulate_media(color_scheme="dark")
    picture(page, "image-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    picture(page, "image-phone")
    page.set_viewport_size(WIDE)
    page.goto(image)
    largest = page.locator(".stack .plate a.slab").all()
    heights = [(slab.bounding_box() or {"height": 0})["height"] for slab in largest]
    largest[heights.index(max(heights))].click()
    picture(page, "layer")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with filled_site() as (site, shown), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_context(viewport=WIDE, base_url=site.url).new_page()
        page.goto("/")
        picture(page, "login")
        log_in(page, site)
        show(page, shown)
        browser.close()


if __name__ == "__main__":
    main()
