"""A team in real browsers: one invites, another joins, a page is shared, and its link shows it and no more."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.archives import Whiteout, docker_save, image, layer, write
from tests.service.browsing import click_mark, expect, quiet_page
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SHARED = image(
    [layer({"srv/big": b"b" * 70_000}), layer({"srv/big": Whiteout()})],
    tags=["flow-team:1"],
    history=["COPY", "RUN rm"],
)


def test_from_an_invitation_to_a_shared_page(
    signed_in: "Page", browser: "Browser", site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site.take_in(write(tmp_path_factory.mktemp("team") / "team.tar", docker_save(SHARED)))
    signed_in.goto("/teams/")
    signed_in.click("tbody th a")
    signed_in.select_option("form[action$='/invite/'] [name=role]", "uploader")
    signed_in.click("text=Make a link")
    invitation = signed_in.locator("#link").inner_text()

    with quiet_page(browser, site) as dora:
        dora.goto(invitation)
        dora.fill("[name=username]", "flow-dora")
        for name in ("password1", "password2"):
            dora.fill(f"[name={name}]", "a phrase of the flow")
        dora.click("text=Make the account and join")
        dora.locator("text=Welcome, flow-dora").wait_for()
        dora.goto(f"/images/{SHARED.id}/waste/")
        dora.locator("text=Share…").wait_for()
        expect(dora.locator("text=Delete…")).to_have_count(0)  # an uploader shares, and does not delete
        dora.click("text=Share…")
        dora.click("text=Make a link")
        link = dora.locator("#link").inner_text()

    with quiet_page(browser, site) as anybody:
        anybody.goto(link)
        anybody.locator("text=Nothing else opens from here").wait_for()
        # A click that the chart notices tells where it would lead; the page is still the same one when it is told.
        anybody.evaluate(
            "document.querySelector('.plot').on('plotly_click', () => document.body.dataset.clicked = location.href)"
        )
        click_mark(anybody.locator(".plot .point path").first)
        anybody.locator("body[data-clicked]").wait_for()
        anybody.locator("summary").first.click()  # what the click on the bar began would be there by now
        expect(anybody).to_have_url(link)
        expect(anybody.locator("a[href]:not([href^='#'])")).to_have_count(0)
        anybody.goto(f"/images/{SHARED.id}/waste/")
        expect(anybody).to_have_url(re.compile("/accounts/login/"))

    signed_in.goto("/share/links/")
    signed_in.locator("tr", has_text="Waste of flow-team:1").get_by_role("button").click()
    signed_in.locator("text=is revoked").wait_for()
