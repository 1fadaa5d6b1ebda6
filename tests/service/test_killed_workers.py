"""Workers are killed with SIGKILL in the middle of a layer: the job ends done, nothing twice, nothing lost."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.archives import File, docker_save, image, layer, write
from tests.service.servers import wait_until
from tests.service.site import Site

pytestmark = pytest.mark.service

FILES = 60_000
QUICK = {"JOB_LEASE_SECONDS": "5", "WORKER_PROCESSES": "2"}

Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One layer that takes seconds to read, and a small one."""
    big = layer({f"usr/share/{number % 97}/{number}": File(data=b"%d" % number) for number in range(FILES)})
    members = docker_save(image([layer({"etc/motd": b"hello"}), big], tags=["big:1"]))
    return write(tmp_path_factory.mktemp("archive") / "big.tar", members)


def sqlite(site: Site) -> Query:
    def query(sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(site.data / "layersite.sqlite3", timeout=30) as database:
            return database.execute(sql).fetchall()

    return query


def postgres(url: str) -> Query:
    def query(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(sql.encode()).fetchall()

    return query


def begin(site: Site, archive: Path) -> None:
    code = (
        "from pathlib import Path; from analyzer.models import Team; from analyzer.services.jobs import create_job;"
        f"create_job(team=Team.objects.get(), user=None, name='big.tar', path=Path({str(archive)!r}),"
        f" size={archive.stat().st_size}, owns_path=False)"
    )
    done = site.manage("shell", "-c", code)
    assert done.returncode == 0, done.stderr


def wait_for_reading(site: Site, query: Query, archive: Path, attempt: int = 1) -> list[int]:
    """Who reads the big layer; returns in the middle of it, the given time that it is begun."""
    claimed = f"SELECT 1 FROM analyzer_joblayer WHERE attempt = {attempt} AND length > 1000000"
    readers: list[int] = []

    def reading() -> bool:
        readers[:] = site.readers(archive) if query(claimed) else []
        return readers != []

    wait_until(reading, 60)
    time.sleep(0.1)
    assert query("SELECT 1 FROM analyzer_layer WHERE entries > 1000") == [], "killed before the layer was stored"
    return readers


def holds_once(query: Query) -> None:
    wait_until(lambda: query("SELECT state FROM analyzer_job") == [("done",)], 120)
    assert query("SELECT entries FROM analyzer_layer ORDER BY entries") == [(1,), (FILES,)]
    assert query("SELECT count(*), sum(layers), sum(copies) FROM analyzer_content") == [
        (FILES + 1, FILES + 1, FILES + 1)
    ]
    assert query("SELECT count(*) FROM analyzer_image") == [(1,)]
    assert query("SELECT count(*) FROM analyzer_chain") == [(2,)]


def test_a_killed_worker_loses_nothing_on_the_embedded_defaults(start_site: Callable[..., Site], archive: Path) -> None:
    site = start_site(**QUICK)
    query = sqlite(site)
    begin(site, archive)
    wait_for_reading(site, query, archive)
    site.kill(site.pids("celery"))
    holds_once(query)


def test_a_killed_worker_loses_nothing_on_postgresql_and_redis(
    start_site: Callable[..., Site], archive: Path, postgres_url: str, redis_url: str
) -> None:
    site = start_site(DATABASE_URL=postgres_url, BROKER_URL=redis_url, **QUICK)
    query = postgres(postgres_url)
    begin(site, archive)
    wait_for_reading(site, query, archive)
    site.kill(site.pids("celery"))
    holds_once(query)


def test_a_job_that_kills_its_worker_each_time_is_failed_with_its_reason(
    start_site: Callable[..., Site], archive: Path
) -> None:
    site = start_site(**QUICK)
    query = sqlite(site)
    begin(site, archive)
    for attempt in (1, 2, 3):
        site.kill(wait_for_reading(site, query, archive, attempt))
    wait_until(lambda: query("SELECT state FROM analyzer_job") == [("failed",)], 90)
    assert "3 attempts" in query("SELECT error FROM analyzer_job")[0][0]
