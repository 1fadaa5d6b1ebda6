"""The findings of an image in a real browser: one kind alone, and the file that a later layer hides."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import Whiteout, docker_save, image, layer, write
from tests.secrets.made_up import letters
from tests.service.browsing import expect
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LEAKY = layer({"app/.env": f"DB_PASSWORD={letters('flow', 20)}\n".encode(), "app/main.py": b"1"})
BUILT = image(
    [LEAKY, layer([("app/.env", Whiteout()), ("srv/x", b"1"), ("srv/x", b"2")])],
    tags=["flow-findings:1"],
    history=["COPY . /app", "RUN rm /app/.env"],
)


@pytest.fixture
def there(signed_in: "Page", site: Site, tmp_path_factory: pytest.TempPathFactory) -> "Page":
    site.take_in(write(tmp_path_factory.mktemp("findings") / "leaky.tar", docker_save(BUILT)))
    signed_in.goto(f"/images/{BUILT.id}/?tab=findings")
    return signed_in


def test_a_secret_that_a_later_layer_hides_is_two_clicks_away(there: "Page") -> None:
    there.click(".found-kinds >> text=secret-file")
    there.wait_for_url(re.compile("code=secret-file"))
    expect(there.locator("table.odd tbody tr")).to_have_text([re.compile(r"^\s*secret-file")])
    there.click("table.odd a >> text=app/.env")
    there.wait_for_url(re.compile("/file/"))
    expect(there.locator("main h1")).to_contain_text("app/.env")
