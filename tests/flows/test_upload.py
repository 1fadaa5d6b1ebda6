"""Archives go in by the page: progress, pause, resume after a reload or a lost connection; and without a script."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.archives import docker_save, image, layer, write
from tests.service.browsing import context_on, expect
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState

pytestmark = pytest.mark.browser

MIB = 1 << 20
BIG = 24 * MIB  # with SLOWLY it is still on its way when a busy machine comes to look
SLOWLY = 1 * MIB  # a second


@pytest.fixture
def loud(browser: "Browser", site: Site, session: "StorageState") -> Iterator["Page"]:
    """The administrator's page, whose console may complain: of a connection that is lost, say."""
    with context_on(browser, site, storage_state=session) as context:
        yield context.new_page()


def archive(folder: Path, name: str, size: int = 3 * MIB, fill: bytes = b"x") -> Path:
    """An image of one layer that no other archive of these tests has."""
    built = image([layer({name: fill * size})], tags=[f"{name.lower()}:1"])
    return write(folder / f"{name}.tar", docker_save(built))


def slow(page: "Page", bytes_a_second: int) -> Callable[[], None]:
    """Makes the page's way out slow; gives what undoes it."""
    wire: Any = page.context.new_cdp_session(page)
    wire.send("Network.enable")

    def throttle(up: int) -> None:
        conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": up}
        wire.send("Network.emulateNetworkConditions", conditions)

    throttle(bytes_a_second)
    return lambda: throttle(-1)


def row(page: "Page", name: str) -> Any:
    return page.locator("#queue > li", has_text=f"{name}.tar")


def wait_for_bytes(page: "Page", name: str, least: int) -> None:
    page.wait_for_function(
        "([name, least]) => [...document.querySelectorAll('#queue > li')]"
        ".some((row) => row.textContent.includes(name) && row.querySelector('progress')?.value >= least)",
        arg=[f"{name}.tar", least],
    )


def test_several_archives_at_once_become_images(signed_in: "Page", tmp_path: Path) -> None:
    signed_in.goto("/add/")
    signed_in.set_input_files("#files", [archive(tmp_path, "first"), archive(tmp_path, "second")])
    for name in ("first", "second"):
        row(signed_in, name).get_by_role("link", name=f"{name}:1").wait_for()
        expect(row(signed_in, name)).to_contain_text("done")
    row(signed_in, "first").get_by_role("link", name="first:1").click()
    signed_in.wait_for_url(re.compile("/images/sha256:"))


def test_archives_are_listed_and_sent_in_the_order_in_which_they_were_chosen(signed_in: "Page", tmp_path: Path) -> None:
    names = ["alpha", "beta", "gamma", "delta"]
    signed_in.goto("/add/")
    # None gets anywhere while one looks at them.
    signed_in.route(
        "**/api/v1/uploads/**", lambda route: route.continue_() if route.request.method != "PATCH" else None
    )
    signed_in.set_input_files("#files", [archive(tmp_path, name, MIB) for name in names])
    mine = signed_in.locator("#queue > li", has=signed_in.locator("[data-act]"))
    expect(mine.locator("strong")).to_have_text([f"{name}.tar" for name in names])
    expect(mine.locator(".state")).to_have_text(["receiving", "receiving", "waiting", "waiting"])
    for name in reversed(names):
        signed_in.get_by_role("button", name=f"Cancel {name}.tar").click()


def test_an_upload_shows_speed_and_time_left_and_can_be_paused(signed_in: "Page", tmp_path: Path) -> None:
    signed_in.goto("/add/")
    at_once = slow(signed_in, SLOWLY)
    sent: list[str] = []
    signed_in.on("request", lambda one: sent.append(one.url) if one.method == "PATCH" else None)
    signed_in.set_input_files("#files", archive(tmp_path, "paused", BIG))
    wait_for_bytes(signed_in, "paused", 2 * MIB)
    expect(row(signed_in, "paused").locator(".speed")).to_have_text(re.compile(r"iB\s*/s"))
    expect(row(signed_in, "paused").locator(".left")).to_have_text(re.compile("(s|min) left"))
    with signed_in.expect_event("requestfailed", lambda sent: sent.method == "PATCH"):  # what was on its way is cut off
        signed_in.get_by_role("button", name="Pause paused.tar").click()
    expect(row(signed_in, "paused").locator(".state")).to_have_text("paused")
    at_once()
    assert len(sent) == 1
    signed_in.get_by_role("button", name="Resume paused.tar").click()
    row(signed_in, "paused").get_by_role("link", name="paused:1").wait_for()
    assert len(sent) == 2


def test_an_upload_goes_on_where_it_was_after_a_reload(signed_in: "Page", tmp_path: Path) -> None:
    path = archive(tmp_path, "reloaded", BIG)
    signed_in.goto("/add/")
    at_once = slow(signed_in, SLOWLY)
    signed_in.set_input_files("#files", path)
    wait_for_bytes(signed_in, "reloaded", 2 * MIB)
    signed_in.reload()
    expect(row(signed_in, "reloaded")).to_contain_text("stopped at")
    at_once()
    offsets: list[str] = []
    signed_in.on(
        "request", lambda sent: offsets.append(sent.headers["upload-offset"]) if sent.method == "PATCH" else None
    )
    with signed_in.expect_file_chooser() as chooser:
        signed_in.get_by_role("button", name=re.compile(r"Choose the file again.*reloaded\.tar")).click()
    chooser.value.set_files(path)
    row(signed_in, "reloaded").get_by_role("link", name="reloaded:1").wait_for()
    assert int(offsets[-1]) >= 1 * MIB  # the first may have come before the server noticed that the page was gone
    expect(row(signed_in, "reloaded")).to_have_count(1)


def test_another_file_is_not_taken_for_the_one_that_stopped(signed_in: "Page", tmp_path: Path) -> None:
    signed_in.goto("/add/")
    slow(signed_in, SLOWLY)
    signed_in.set_input_files("#files", archive(tmp_path, "mistaken", BIG))
    wait_for_bytes(signed_in, "mistaken", MIB)
    signed_in.reload()
    with signed_in.expect_file_chooser() as chooser:
        signed_in.get_by_role("button", name=re.compile(r"Choose the file again.*mistaken\.tar")).click()
    chooser.value.set_files(archive(tmp_path, "other"))
    expect(signed_in.get_by_role("alert")).to_contain_text("is not the file that was begun")
    signed_in.get_by_role("button", name=re.compile(r"Give up.*mistaken\.tar")).click()
    expect(signed_in.locator("main")).to_contain_text("was given up")
    expect(row(signed_in, "mistaken")).to_have_count(0)


def test_an_upload_goes_on_by_itself_after_a_lost_connection(loud: "Page", tmp_path: Path) -> None:
    loud.goto("/add/")
    lost, cut = [], [True]

    def flicker(route: Any) -> None:
        if route.request.method == "PATCH" and cut:
            lost.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    loud.route("**/api/v1/uploads/**", flicker)
    loud.set_input_files("#files", archive(tmp_path, "lost"))
    loud.get_by_text("trying again in").wait_for()
    cut.clear()
    row(loud, "lost").get_by_role("link", name="lost:1").wait_for()
    assert lost


def test_a_refusal_is_read_in_the_row_and_can_be_tried_again(loud: "Page", tmp_path: Path) -> None:
    loud.goto("/add/")
    path, full = archive(tmp_path, "refused"), ["The disk is full."]

    def refuse(route: Any) -> None:
        if route.request.method == "PATCH" and full:
            problem = {"status": 507, "detail": full.pop()}
            route.fulfill(status=507, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.continue_()

    loud.route("**/api/v1/uploads/**", refuse)
    loud.set_input_files("#files", path)
    loud.get_by_text("The disk is full.").wait_for()
    loud.set_input_files("#files", path)  # choosing it again is as good as the button
    row(loud, "refused").get_by_role("link", name="refused:1").wait_for()
    expect(row(loud, "refused")).to_have_count(1)


def test_a_cancelled_upload_is_gone(signed_in: "Page", tmp_path: Path) -> None:
    signed_in.goto("/add/")
    slow(signed_in, SLOWLY)
    signed_in.set_input_files("#files", archive(tmp_path, "cancelled", BIG))
    wait_for_bytes(signed_in, "cancelled", MIB)
    with signed_in.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        signed_in.get_by_role("button", name="Cancel cancelled.tar").click()
    assert deleted.value.status == 204
    expect(row(signed_in, "cancelled")).to_have_count(0)
    signed_in.reload()
    signed_in.locator("form.drop.scripted").wait_for()
    expect(signed_in.locator("main")).not_to_contain_text("cancelled.tar")


def test_what_is_no_image_archive_says_so_in_its_row(signed_in: "Page", tmp_path: Path) -> None:
    path = tmp_path / "notes.tar"
    path.write_bytes(b"not a tar")
    signed_in.goto("/add/")
    signed_in.set_input_files("#files", path)
    problem = row(signed_in, "notes").locator(".note.bad")
    expect(problem).to_have_text(re.compile(r"\.\s*$"))
    again = row(signed_in, "notes").get_by_role("button", name=re.compile("Try again"))
    with signed_in.expect_response(re.compile("/retry/")):
        again.click()
    again.wait_for()  # it fails once more, and nobody was led away
    expect(signed_in).to_have_url(re.compile("/add/$"))


def test_an_empty_file_is_refused_at_once(signed_in: "Page", tmp_path: Path) -> None:
    (tmp_path / "empty.tar").write_bytes(b"")
    signed_in.goto("/add/")
    signed_in.set_input_files("#files", tmp_path / "empty.tar")
    expect(signed_in.get_by_role("alert")).to_contain_text("empty.tar is empty")


def test_an_archive_is_dropped_on_the_page(signed_in: "Page") -> None:
    signed_in.goto("/add/")
    signed_in.evaluate(
        "() => { const data = new DataTransfer(); data.items.add(new File(['x'.repeat(2000)], 'dropped.tar'));"
        " document.querySelector('form.drop').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})); }"
    )
    row(signed_in, "dropped").locator(".note.bad").wait_for()  # it arrived, and is no archive


def test_it_works_without_scripts(scriptless: "Page", tmp_path: Path) -> None:
    scriptless.goto("/add/")
    scriptless.set_input_files("#files", [archive(tmp_path, "plain"), archive(tmp_path, "plainer")])
    scriptless.get_by_role("button", name="Add them").click()
    expect(scriptless.locator("main")).to_contain_text("plain.tar, plainer.tar have arrived")
    expect(scriptless).to_have_url(re.compile("/jobs/$"))
