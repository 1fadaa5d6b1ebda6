"""A path of an image in a real browser: from the merged view to its blame, its versions, and out as a file."""

import io
import re
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.archives import Whiteout, docker_save, image, layer, write
from tests.service.browsing import expect
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

EVIL = "<script>document.title = 'run'</script>"
BUILT = image(
    [
        layer({"etc/app.conf": b"port 80\nname shop\n", "srv/gone": b"secret\n", EVIL.replace("/", ""): EVIL.encode()}),
        layer({"etc/app.conf": b"port 8080\nname shop\n", "srv/gone": Whiteout()}),
    ],
    tags=["flow-files:1"],
    history=["COPY base /", "RUN configure"],
)
FILES = f"/images/{BUILT.id}/files/"


@pytest.fixture(scope="module")
def stored(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("files") / "files.tar", docker_save(BUILT))


@pytest.fixture
def there(signed_in: "Page", stored: Path) -> "Page":
    """The archive is brought by the page, since only then are its bytes kept."""
    if signed_in.request.get(FILES).status == 404:
        signed_in.goto("/add/")
        signed_in.set_input_files("input[type=file]", stored)
        signed_in.wait_for_selector(f"a[href*='{BUILT.id}']")
    signed_in.goto(FILES)
    return signed_in


def test_a_file_is_followed_from_the_merged_view_to_what_changed(there: "Page") -> None:
    there.click("a.file:text-is('app.conf')")
    expect(there.locator("ol.source li")).to_have_text(["port 8080", "name shop"])
    there.click("text=what changed")
    expect(there.locator("tr.came td:last-child")).to_have_text("port 8080")
    expect(there.locator("tr.went td:last-child")).to_have_text("port 80")


def test_the_slider_shows_what_was_there_before_it_was_removed(there: "Page") -> None:
    there.locator("a.file:text-is('app.conf')").wait_for()
    expect(there.locator("a.file:text-is('gone')")).to_have_count(0)
    there.click("nav.slider a:text-is('0')")
    there.wait_for_selector("a.file:text-is('gone')")
    expect(there).to_have_url(re.compile("at=0"))
    there.click("a.file:text-is('gone')")
    expect(there.locator("ol.source li")).to_have_text(["secret"])


def test_a_file_and_the_whole_tree_download(there: "Page") -> None:
    with there.expect_download() as download:
        there.click("text=Download as tar")
    with tarfile.open(fileobj=io.BytesIO(Path(download.value.path()).read_bytes())) as tar:
        assert "etc/app.conf" in tar.getnames()
    there.click("a.file:text-is('app.conf')")
    with there.expect_download() as download:
        there.click("a.button:text-is('Download')")
    assert download.value.suggested_filename == "app.conf"
    assert Path(download.value.path()).read_bytes() == b"port 8080\nname shop\n"


def test_a_text_with_markup_runs_nothing(there: "Page") -> None:
    there.goto(FILES + "?view=flat&q=script")
    there.click("a.file")
    expect(there.locator("ol.source li")).to_have_text(EVIL)
    assert "run" not in there.title().split()
