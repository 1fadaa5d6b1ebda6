"""Archives go in by the page: progress, pause, resume after a reload or a lost connection; and without a script."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.archives import docker_save, image, layer, write
from tests.service.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MIB = 1 << 20


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


def received(page: "Page", name: str) -> int:
    return int(row(page, name).locator("progress").evaluate("bar => bar.value"))


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
        assert "done" in row(signed_in, name).inner_text()
    row(signed_in, "first").get_by_role("link", name="first:1").click()
    signed_in.wait_for_url(re.compile("/images/sha256:"))


def test_archives_are_listed_and_sent_in_the_order_in_which_they_were_chosen(signed_in: "Page", tmp_path: Path) -> None:
    names = ["alpha", "beta", "gamma", "delta"]
    signed_in.goto("/add/")
    slow(signed_in, 2 * MIB)
    signed_in.set_input_files("#files", [archive(tmp_path, name, 8 * MIB) for name in names])
    wait_for_bytes(signed_in, "alpha", 1)
    rows = [text.splitlines() for text in signed_in.locator("#queue > li").all_inner_texts()[:4]]
    assert [lines[0] for lines in rows] == [f"{name}.tar" for name in names]
    states = [state.inner_text() for state in signed_in.locator("#queue .state").all()[:4]]
    assert states == ["receiving", "receiving", "waiting", "waiting"]
    for name in reversed(names):
        signed_in.get_by_role("button", name=f"Cancel {name}.tar").click()


def test_an_upload_shows_speed_and_time_left_and_can_be_paused(signed_in: "Page", tmp_path: Path) -> None:
    signed_in.goto("/add/")
    at_once = slow(signed_in, 2 * MIB)
    signed_in.set_input_files("#files", archive(tmp_path, "paused", 8 * MIB))
    wait_for_bytes(signed_in, "paused", 2 * MIB)
    shown = row(signed_in, "paused").inner_text()
    assert re.search(r"MiB\s*/s", shown)
    assert "s left" in shown
    signed_in.get_by_role("button", name="Pause paused.tar").click()
    before = received(signed_in, "paused")
    signed_in.wait_for_timeout(700)
    assert received(signed_in, "paused") == before
    assert "paused" in row(signed_in, "paused").locator(".state").inner_text()
    at_once()
    signed_in.get_by_role("button", name="Resume paused.tar").click()
    row(signed_in, "paused").get_by_role("link", name="paused:1").wait_for()


def test_an_upload_goes_on_where_it_was_after_a_reload(signed_in: "Page", tmp_path: Path) -> None:
    path = archive(tmp_path, "reloaded", 8 * MIB)
    signed_in.goto("/add/")
    at_once = slow(signed_in, 2 * MIB)
    signed_in.set_input_files("#files", path)
    wait_for_bytes(signed_in, "reloaded", 3 * MIB)
    signed_in.reload()
    assert "stopped at" in row(signed_in, "reloaded").inner_text()
    at_once()
    offsets: list[str] = []
    signed_in.on(
        "request", lambda sent: offsets.append(sent.headers["upload-offset"]) if sent.method == "PATCH" else None
    )
    with signed_in.expect_file_chooser() as chooser:
        signed_in.get_by_role("button", name=re.compile(r"Choose the file again.*reloaded\.tar")).click()
    chooser.value.set_files(path)
    row(signed_in, "reloaded").get_by_role("link", name="reloaded:1").wait_for()
    assert int(offsets[0]) >= 1 * MIB
    assert row(signed_in, "reloaded").count() == 1


def test_another_file_is_not_taken_for_the_one_that_stopped(signed_in: "Page", tmp_path: Path) -> None:
    signed_in.goto("/add/")
    slow(signed_in, 2 * MIB)
    signed_in.set_input_files("#files", archive(tmp_path, "mistaken", 8 * MIB))
    wait_for_bytes(signed_in, "mistaken", MIB)
    signed_in.reload()
    with signed_in.expect_file_chooser() as chooser:
        signed_in.get_by_role("button", name=re.compile(r"Choose the file again.*mistaken\.tar")).click()
    chooser.value.set_files(archive(tmp_path, "other"))
    assert "is not the file that was begun" in signed_in.get_by_role("alert").inner_text()
    signed_in.get_by_role("button", name=re.compile(r"Give up.*mistaken\.tar")).click()
    assert "was given up" in signed_in.inner_text("main")
    assert row(signed_in, "mistaken").count() == 0


def test_an_upload_goes_on_by_itself_after_a_lost_connection(
    browser: "Browser", site: Site, signed_in: "Page", tmp_path: Path
) -> None:
    # A page of its own: a lost connection is something that the console complains of.
    with browser.new_context(base_url=site.url, storage_state=signed_in.context.storage_state()) as context:
        page = context.new_page()
        page.goto("/add/")
        lost = {"left": 2}

        def flicker(route: Any) -> None:
            if route.request.method == "PATCH" and lost["left"]:
                lost["left"] -= 1
                route.abort("connectionreset")
            else:
                route.continue_()

        page.route("**/api/v1/uploads/**", flicker)
        page.set_input_files("#files", archive(tmp_path, "lost"))
        page.get_by_text("trying again in").wait_for()
        row(page, "lost").get_by_role("link", name="lost:1").wait_for()
        assert lost["left"] == 0


def test_a_refusal_is_read_in_the_row_and_can_be_tried_again(
    browser: "Browser", site: Site, signed_in: "Page", tmp_path: Path
) -> None:
    with browser.new_context(base_url=site.url, storage_state=signed_in.context.storage_state()) as context:
        page = context.new_page()
        page.goto("/add/")
        path, full = archive(tmp_path, "refused"), ["The disk is full."]

        def refuse(route: Any) -> None:
            if route.request.method == "PATCH" and full:
                problem = {"status": 507, "detail": full.pop()}
                route.fulfill(status=507, content_type="application/problem+json", body=json.dumps(problem))
            else:
                route.continue_()

        page.route("**/api/v1/uploads/**", refuse)
        page.set_input_files("#files", path)
        page.get_by_text("The disk is full.").wait_for()
        page.set_input_files("#files", path)  # choosing it again is as good as the button
        row(page, "refused").get_by_role("link", name="refused:1").wait_for()
        assert row(page, "refused").count() == 1


def test_a_cancelled_upload_is_gone(signed_in: "Page", tmp_path: Path) -> None:
    signed_in.goto("/add/")
    slow(signed_in, 2 * MIB)
    signed_in.set_input_files("#files", archive(tmp_path, "cancelled", 8 * MIB))
    wait_for_bytes(signed_in, "cancelled", MIB)
    with signed_in.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        signed_in.get_by_role("button", name="Cancel cancelled.tar").click()
    assert deleted.value.status == 204
    assert row(signed_in, "cancelled").count() == 0
    signed_in.reload()
    assert "cancelled.tar" not in signed_in.inner_text("main")


def test_what_is_no_image_archive_says_so_in_its_row(signed_in: "Page", tmp_path: Path) -> None:
    path = tmp_path / "notes.tar"
    path.write_bytes(b"not a tar")
    signed_in.goto("/add/")
    signed_in.set_input_files("#files", path)
    problem = row(signed_in, "notes").locator(".note.bad")
    problem.wait_for()
    assert problem.inner_text().endswith(".")
    again = row(signed_in, "notes").get_by_role("button", name=re.compile("Try again"))
    with signed_in.expect_response(re.compile("/retry/")):
        again.click()
    again.wait_for()  # it fails once more, and nobody was led away
    assert signed_in.url.endswith("/add/")


def test_an_empty_file_is_refused_at_once(signed_in: "Page", tmp_path: Path) -> None:
    (tmp_path / "empty.tar").write_bytes(b"")
    signed_in.goto("/add/")
    signed_in.set_input_files("#files", tmp_path / "empty.tar")
    assert "empty.tar is empty" in signed_in.get_by_role("alert").inner_text()


def test_an_archive_is_dropped_on_the_page(signed_in: "Page") -> None:
    signed_in.goto("/add/")
    signed_in.evaluate(
        "() => { const data = new DataTransfer(); data.items.add(new File(['x'.repeat(2000)], 'dropped.tar'));"
        " document.querySelector('form.drop').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})); }"
    )
    row(signed_in, "dropped").locator(".note.bad").wait_for()  # it arrived, and is no archive


def test_it_works_without_scripts(browser: "Browser", site: Site, signed_in: "Page", tmp_path: Path) -> None:
    state = signed_in.context.storage_state()
    with browser.new_context(base_url=site.url, storage_state=state, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/add/")
        page.set_input_files("#files", [archive(tmp_path, "plain"), archive(tmp_path, "plainer")])
        page.get_by_role("button", name="Add them").click()
        assert "plain.tar, plainer.tar have arrived" in page.inner_text("main")
        assert page.url.endswith("/jobs/")
