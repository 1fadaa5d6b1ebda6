"""A registry in a real browser: kept, tried out, browsed, pulled from, and watched."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.archives import image, layer
from tests.layouts import oci_layout
from tests.service.browsing import PHONE, fits
from tests.service.registries import PASSWORD, USER, Registry, docker_registry

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.engine]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with docker_registry(auth=True) as registry:
        app = image([layer({"srv/app": b"app" * 500})])
        registry.fill(tmp_path_factory.mktemp("layout") / "app", "team/app:1", oci_layout(app))
        yield registry


def test_from_adding_a_registry_to_an_image_that_came_by_itself(signed_in: "Page", real: Registry) -> None:
    page = signed_in
    page.goto("/")
    page.get_by_role("link", name="Registries").click()
    page.get_by_role("link", name="Add a registry").click()
    page.fill("input[name=name]", "Ours")
    page.fill("input[name=host]", real.address)
    page.fill("input[name=username]", USER)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="team/app").wait_for()  # the list came by itself
    page.get_by_role("button", name="Test it").click()
    page.get_by_text(f"answers as {USER}, over plain HTTP, and lists 1 repository.").wait_for()
    assert PASSWORD not in page.content()

    page.get_by_role("link", name="team/app").click()
    page.get_by_role("button", name="Pull 1").click()
    page.wait_for_url(re.compile("/jobs/"))
    page.locator("main .state:text-is('done')").first.wait_for()
    fits(page, widths=(PHONE,))

    page.get_by_role("link", name="Registries").click()
    page.get_by_role("link", name="Ours", exact=True).click()
    fits(page, widths=(PHONE,))
    page.fill("#id_repository", "team/*")
    page.fill("#id_tag", "*")
    page.get_by_role("button", name="Watch it").click()
    page.wait_for_url(re.compile("/watches/"))
    page.get_by_role("heading", name="team/*:*").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Go on").wait_for()
    fits(page, widths=(PHONE,))
