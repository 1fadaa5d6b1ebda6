"""Archives that mean harm, in a real browser: nothing of them runs, moves the page apart or computes in a table."""

import csv
import io
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests import hostile
from tests.service.browsing import settle
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page

pytestmark = pytest.mark.browser

WORST = ("texts-of-markup", "texts-of-attributes", "texts-of-directions", "texts-of-length")
FORMULAS = ("texts-of-formulas", "texts-of-commands")
TABS = ("", "?tab=layers", "?tab=config", "?tab=findings", "?tab=dockerfile")
PAGES = ("files/?view=flat", "files/?open=in", "waste/", "packages/", "gate/", "file/?path=in")
OF_ALL = ("/", "/images/", "/find/?q=evil", "/reuse/", "/reuse/forest/", "/jobs/")


@pytest.fixture(scope="module")
def images(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The addresses of the images' pages, by the archives' names."""
    folder = tmp_path_factory.mktemp("hostile")
    files = []
    for name in (*WORST, *FORMULAS):
        files.append(folder / f"{name}.tar")
        files[-1].write_bytes(hostile.CORPUS[name]())
    site.take_in(*files)
    return {name: f"/images/{hostile.texts_image(name.removeprefix('texts-of-')).id}/" for name in (*WORST, *FORMULAS)}


def addresses(name: str, images: dict[str, str]) -> list[str]:
    """The pages of the image, of its layers and files, and of it beside itself and another."""
    kind = name.removeprefix("texts-of-")
    image, page = hostile.texts_image(kind), images[name]
    named = quote(hostile.TEXTS[kind].replace("/", "_").encode()[:200])
    beside = (image.id, hostile.texts_image("formulas").id)
    return [
        *(page + each for each in (*TABS, *PAGES, "file/?path=texts/page.svg", f"file/?path=texts/{named}.html")),
        *(f"/layers/{layer.diff_id}/" for layer in image.layers),
        *(f"/compare/?a={other}&b={image.id}" for other in beside),
        f"/help/layers/?image={image.id}",
    ]


@pytest.mark.parametrize("name", [*WORST, "all"])
def test_nothing_runs_and_no_page_is_wider_than_a_phone(signed_in: "Page", images: dict[str, str], name: str) -> None:
    dialogs: list[str] = []

    def dismiss(dialog: "Dialog") -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    signed_in.on("dialog", dismiss)
    signed_in.set_viewport_size({"width": 360, "height": 800})
    wrong = []
    for address in addresses(name, images) if name in images else OF_ALL:
        answer = signed_in.goto(address)
        settle(signed_in)
        seen = (
            answer.status if answer else 0,
            signed_in.evaluate("document.documentElement.scrollWidth"),
            signed_in.locator("evil-tag, img[src=x]").count(),
        )
        if seen != (200, 360, 0):
            wrong.append((address[:200], *seen))
    assert dialogs == []
    assert wrong == []


@pytest.mark.parametrize("name", FORMULAS)
def test_tables_that_are_saved_compute_nothing(signed_in: "Page", images: dict[str, str], name: str) -> None:
    for address in (
        *("?part=history&format=csv", "files/?view=flat&format=csv", "packages/?format=csv", "waste/?format=csv"),
        *("?part=findings&format=csv", "file/?path=in&format=csv"),
    ):
        saved = signed_in.request.get(images[name] + address)
        assert saved.ok, address
        for row in csv.reader(io.StringIO(saved.text(), newline="")):
            assert not [cell for cell in row if cell.startswith(("=", "@", "+", "\t", "\r", "-2"))]
