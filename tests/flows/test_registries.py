"""A registry in a real browser: kept, tried out, browsed, pulled from, and watched."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.archives import image, layer
from tests.layouts import oci_layout
from tests.service.browsing import PHONE, fits, log_in, quiet_page
from tests.service.registries import PASSWORD, USER, Registry, docker_registry
from tests.service.site import Site, running_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.engine]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with docker_registry(auth=True) as registry:
        app = image([layer({"srv/app": b"app" * 500})])
        registry.fill(tmp_path_factory.mktemp("layout") / "app", "team/app:1", oci_layout(app))
        yield registry


@pytest.fixture(scope="module")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that may reach the loopback."""
    data: Path = tmp_path_factory.mktemp("registries") / "data"
    with running_site(data, REGISTRY_PRIVATE_HOSTS="127.0.0.1", REGISTRY_PLAIN_HTTP_HOSTS="127.0.0.1") as running:
        yield running


def test_from_adding_a_registry_to_an_image_that_came_by_itself(
    browser: "Browser", own_site: Site, real: Registry
) -> None:
    with quiet_page(browser, own_site) as page:
        log_in(page, own_site)
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
        page.get_by_text("done").first.wait_for()

        page.get_by_role("link", name="Registries").click()
        page.get_by_role("link", name="Ours", exact=True).click()
        page.fill("#id_repository", "team/*")
        page.fill("#id_tag", "*")
        page.get_by_role("button", name="Watch it").click()
        page.wait_for_url(re.compile("/watches/"))
        page.get_by_role("heading", name="team/*:*").wait_for()
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Go on").wait_for()
        fits(page, widths=(PHONE,))
