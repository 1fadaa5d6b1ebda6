"""The whole site as `make run` starts it, on each pair of database and broker."""

import contextlib
import json
import os
import signal
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service.servers import START_SECONDS, wait_until
from tests.service.site import Site, running_site

pytestmark = pytest.mark.service

StartSite = Callable[..., Site]


def alive(pid: int) -> bool:
    """Whether it runs: one that ended and was not yet taken note of has no command line."""
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    return False


def get(site: Site, path: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(site.url + path, timeout=START_SECONDS) as response:
        return response.status, response.read()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One on the embedded defaults, for what does not end it: a start takes 6 seconds of a processor."""
    with running_site(tmp_path_factory.mktemp("site") / "data", METRICS_TOKEN="t0ken") as running:
        yield running


def test_the_embedded_site_is_ready_and_says_one_address(site: Site) -> None:
    status, body = get(site, "/readyz")
    assert status == 200, body
    assert json.loads(body)["ready"] is True
    assert site.log.read_text().count("http://") == 1
    assert f"http://localhost:{site.port}/" in site.log.read_text()
    assert site.password


def test_the_longest_path_of_a_file_fits_into_an_address_and_into_the_headers_that_repeat_it(site: Site) -> None:
    address = f"{site.url}/accounts/login/?next=/images/{'%C3%A9' * 2_048}"
    request = urllib.request.Request(address, headers={"HX-Current-URL": address})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status == 200


def test_processes_of_the_web_server_add_up_their_metrics(site: Site) -> None:
    def counted() -> float:
        request = urllib.request.Request(f"{site.url}/metrics", headers={"Authorization": "Bearer t0ken"})
        with urllib.request.urlopen(request, timeout=START_SECONDS) as response:
            lines = response.read().decode().splitlines()
        found = [line for line in lines if line.startswith("django_http_requests_before_middlewares_total ")]
        return float(found[0].split()[1])

    before = counted()
    for _ in range(5):
        get(site, "/healthz")
    assert counted() >= before + 5


def test_a_killed_worker_is_back_while_pages_are_served(site: Site) -> None:
    wait_until(lambda: len(site.pids("celery")) > 1)
    killed = site.pids("celery")
    os.kill(killed[0], signal.SIGKILL)
    wait_until(lambda: len(set(site.pids("celery")) - set(killed)) > 1)
    assert get(site, "/healthz")[0] == 200
    assert "starting it again" in site.log.read_text()


def test_postgresql_and_redis_serve_the_same_site(start_site: StartSite, postgres_url: str, redis_url: str) -> None:
    site = start_site(DATABASE_URL=postgres_url, BROKER_URL=redis_url)
    assert json.loads(get(site, "/readyz")[1])["ready"] is True


def test_an_interrupt_ends_all_and_a_second_start_keeps_the_data_and_shows_no_password(
    tmp_path: Path,
) -> None:
    with running_site(tmp_path / "data") as first:
        assert "password" in first.log.read_text()
        wait_until(lambda: len(first.pids("celery")) > 1)
        before = first.pids("gunicorn") + first.pids("celery")
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(START_SECONDS) == 0
        wait_until(lambda: not any(alive(pid) for pid in before))
    with running_site(tmp_path / "data") as second:
        assert "password" not in second.log.read_text()
