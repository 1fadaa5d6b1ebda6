"""The whole site as `make run` starts it, on each pair of database and broker."""

import contextlib
import json
import os
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.servers import wait_until
from tests.service.site import Site, running_site

pytestmark = pytest.mark.service

StartSite = Callable[..., Site]


def alive(pid: int) -> bool:
    """Whether it runs: one that ended and was not yet taken note of has no command line."""
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    return False


def get(site: Site, path: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(site.url + path, timeout=10) as response:
        return response.status, response.read()


def test_the_embedded_site_is_ready_and_says_one_address(start_site: StartSite) -> None:
    site = start_site()
    status, body = get(site, "/readyz")
    assert status == 200, body
    assert json.loads(body)["ready"] is True
    assert site.log.read_text().count("http://") == 1
    assert f"http://localhost:{site.port}/" in site.log.read_text()
    assert site.password


def test_postgresql_and_redis_serve_the_same_site(start_site: StartSite, postgres_url: str, redis_url: str) -> None:
    site = start_site(DATABASE_URL=postgres_url, BROKER_URL=redis_url)
    assert json.loads(get(site, "/readyz")[1])["ready"] is True


def test_a_second_start_keeps_the_data_and_shows_no_password(tmp_path: Path) -> None:
    with running_site(tmp_path / "data") as first:
        assert "password" in first.log.read_text()
    with running_site(tmp_path / "data") as second:
        assert "password" not in second.log.read_text()


def test_an_interrupt_ends_web_server_and_worker_within_seconds(start_site: StartSite) -> None:
    site = start_site()
    wait_until(lambda: len(site.pids("celery")) > 1)
    before = site.pids("gunicorn") + site.pids("celery")
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(12) == 0
    wait_until(lambda: not any(alive(pid) for pid in before), seconds=2)


def test_a_killed_worker_is_back_while_pages_are_served(start_site: StartSite) -> None:
    site = start_site()
    wait_until(lambda: len(site.pids("celery")) > 1)
    killed = site.pids("celery")
    os.kill(killed[0], signal.SIGKILL)
    wait_until(lambda: len(set(site.pids("celery")) - set(killed)) > 1)
    assert get(site, "/healthz")[0] == 200
    assert "starting it again" in site.log.read_text()


def test_processes_of_the_web_server_add_up_their_metrics(start_site: StartSite) -> None:
    site = start_site(METRICS_TOKEN="t0ken")
    for _ in range(5):
        get(site, "/healthz")
    request = urllib.request.Request(f"{site.url}/metrics", headers={"Authorization": "Bearer t0ken"})
    with urllib.request.urlopen(request, timeout=10) as response:
        lines = response.read().decode().splitlines()
    counted = [line for line in lines if line.startswith("django_http_requests_before_middlewares_total ")]
    assert float(counted[0].split()[1]) >= 5
