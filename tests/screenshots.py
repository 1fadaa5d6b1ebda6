"""`make screenshots`: one picture of each page, from a site of its own, into docs/screenshots/.

With CORPUS=folder its `*.docker.tar` are on the pages, the last two brought by the browser; else the sample is.
"""

import os
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from analyzer.sample.images import build
from tests.service.browsing import FLAGS, log_in
from tests.service.site import Site, running_site
from tests.settings import ROOT

FOLDER = ROOT / "docs" / "screenshots"
WIDTH, HEIGHT, TALL = 1280, 900, 1320
PHONE = 360
ADDRESS = "http://layers.example.org"  # what the lines for a shell name
LARGEST = 300_000  # bytes of a picture
SLOW = 60 << 20  # bytes a second: an upload to look at
PATIENCE = 300_000  # milliseconds: a machine that does other things too


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is on the site, and what there is to upload."""

    site: Site
    image: str
    dark: str
    path: str  # of a file of the first one
    found: str
    uploads: list[Path]


@contextmanager
def filled_site() -> Iterator[Shelf]:
    corpus = os.environ.get("CORPUS")
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder) / "data", PUBLIC_URL=ADDRESS) as site:
        if not corpus:
            sample = Path(folder) / "sample.tar"
            build(sample)
            yield Shelf(site, "sample/billing:1", "sample/shop:1", "etc/passwd", "libcrypto", [sample])
            return
        archives = sorted(Path(corpus).glob("*.docker.tar"), key=lambda path: path.stat().st_size)
        done = site.manage("analyze", *map(str, archives[:-2]))
        assert done.returncode == 0, done.stderr
        yield Shelf(site, "fatapp", "expressweb", "var/lib/dpkg/status", "passwd", archives[-2:])


def picture(page: Page, name: str, height: int = HEIGHT, width: int = WIDTH) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(1500)  # charts and fragments settle; the network need not, while something is sent
    path = FOLDER / f"{name}.png"
    path.write_bytes(squeezed(page.screenshot()))
    assert path.stat().st_size <= LARGEST, f"{path} has {path.stat().st_size:,} bytes"


def squeezed(png: bytes) -> bytes:
    """The same picture, compressed as well as zlib can: browsers don't take the time."""
    head, pixels, place = png[:8], b"", 8
    chunks: list[tuple[bytes, bytes]] = []
    while place < len(png):
        (length,), kind = struct.unpack(">I", png[place : place + 4]), png[place + 4 : place + 8]
        body = png[place + 8 : place + 8 + length]
        place += 12 + length
        if kind == b"IDAT":
            pixels += body
        else:
            chunks.append((kind, body))
    chunks.insert(-1, (b"IDAT", zlib.compress(zlib.decompress(pixels), 9)))
    return head + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def take_in(page: Page, shelf: Shelf) -> None:
    """Adding images while one is on its way, and the jobs that come of it."""
    wire: Any = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    speed = min(SLOW, shelf.uploads[-1].stat().st_size // 6)
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
    page.goto("/add/")
    page.click("text=Analyse the sample")
    page.wait_for_selector("text=brought")
    page.goto("/add/")
    wire.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": speed})
    page.set_input_files("#files", shelf.uploads)
    page.wait_for_function(
        "() => [...document.querySelectorAll('#queue progress')].some((bar) => bar.value > bar.max / 4)",
        timeout=PATIENCE,
    )
    picture(page, "add", 1040)
    wire.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": -1})
    page.wait_for_function(
        "() => [...document.querySelectorAll('#queue .state')].every((state) => state.textContent === 'done')",
        timeout=PATIENCE,
    )
    page.goto("/jobs/")
    picture(page, "jobs", 640)


def compared(page: Page) -> None:
    """Once the worker has compared the layers with each other: near misses and common ground are there."""
    for path in ("/reuse/near-misses/", "/reuse/common-ground/"):
        page.goto(path)
        page.wait_for_function(
            "() => !document.querySelector('main [hx-trigger^=every], main progress')", timeout=PATIENCE
        )


def address_of(page: Page, name: str) -> str:
    """Of the page of the image that goes by that name."""
    page.goto("/images/")
    return str(page.locator(f"tbody th a:text-is('{name}')").first.get_attribute("href"))


def rule(page: Page) -> None:
    """A rule of the team, so that its retention has something to show."""
    page.goto("/teams/default/retention/")
    page.fill("[name=pattern]", "*")
    page.fill("[name=keep_last]", "1")
    page.click("text=Add the rule")
    page.wait_for_selector("#plan")


def show(page: Page, shelf: Shelf) -> None:
    """The pages that read, of one image and of all."""
    rule(page)
    image, other = address_of(page, shelf.image), address_of(page, shelf.dark)
    for name, path, height in (
        ("overview", "/", 1620),
        ("images", "/images/", HEIGHT),
        ("image", image, TALL),
        ("image-waste", f"{image}?tab=waste#about", HEIGHT),
        ("waste", f"{image}waste/", HEIGHT),
        ("dockerfile", f"{image}?tab=dockerfile#about", HEIGHT),
        ("packages", f"{image}?tab=packages#about", HEIGHT),
        ("file", f"{image}file/?path={shelf.path}", 1100),
        ("gate", f"{image}gate/", HEIGHT),
        ("compare", f"/compare/?a={ref_in(other)}&b={ref_in(image)}", TALL),
        ("team", "/teams/default/", HEIGHT),
        ("retention", "/teams/default/retention/", 1100),
        ("registries", "/registries/", 480),
        ("tokens", "/tokens/", 480),
        ("figures", "/help/figures/", HEIGHT),
        ("how-layers-work", "/help/layers/", TALL),
        ("admin", "/admin/analyzer/layer/", 640),
    ):
        page.goto(path)
        picture(page, name, height)
    page.goto(image)
    picture(page, "image-phone", 1400, PHONE)
    slabs = page.locator(".stack .plate a.slab").all()
    heights = [(slab.bounding_box() or {"height": 0})["height"] for slab in slabs]
    slabs[heights.index(max(heights))].click()
    picture(page, "layer", 1240)
    page.goto("/reuse/forest/")
    picture(page, "reuse-forest-phone", HEIGHT, PHONE)


def show_in_both(page: Page, shelf: Shelf) -> None:
    """What has charts, in the light and in the dark."""
    image, other = address_of(page, shelf.image), address_of(page, shelf.dark)
    chosen = "&".join(f"image={ref_in(one)}" for one in (image, other))
    for name, path, height in (
        ("reuse", "/reuse/", 1240),
        ("reuse-forest", "/reuse/forest/", 780),
        ("reuse-heat-map", "/reuse/heat-map/", HEIGHT),
        ("reuse-grid", "/reuse/grid/", HEIGHT),
        ("reuse-bases", "/reuse/bases/", HEIGHT),
        ("reuse-near-misses", "/reuse/near-misses/", TALL),
        ("reuse-what-if", f"/reuse/what-if/?{chosen}", TALL),
        ("reuse-common-ground", "/reuse/common-ground/?least=0.1", HEIGHT),
        ("reuse-compare", "/reuse/compare/", HEIGHT),
        ("report", "/reuse/report/", TALL),
        ("find", f"/find/?q={shelf.found}", TALL),
    ):
        page.goto(path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            picture(page, name if scheme == "light" else f"{name}-dark", height)
    page.goto(other)
    picture(page, "image-dark", TALL)


def ref_in(address: str) -> str:
    return address.strip("/").partition("/")[2]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with filled_site() as shelf, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_context(base_url=shelf.site.url, viewport={"width": WIDTH, "height": HEIGHT}).new_page()
        page.goto("/")
        picture(page, "login", 480)
        log_in(page, shelf.site)
        take_in(page, shelf)
        compared(page)
        show(page, shelf)
        show_in_both(page, shelf)
        browser.close()


if __name__ == "__main__":
    main()
