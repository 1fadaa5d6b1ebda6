"""Workers are killed with SIGKILL in the middle of a layer: the job ends done, nothing twice, nothing lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archives import File, docker_save, image, layer, write
from tests.service.databases import Database, Postgres, Sqlite
from tests.service.servers import wait_until
from tests.service.site import Site

pytestmark = pytest.mark.service

FILES = 60_000
QUICK = {"JOB_LEASE_SECONDS": "5", "WORKER_PROCESSES": "2"}
PATIENCE = 300  # seconds, for a machine that has much else to do


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One layer that takes seconds to read, and a small one."""
    big = layer({f"usr/share/{number % 97}/{number}": File(data=b"%d" % number) for number in range(FILES)})
    members = docker_save(image([layer({"etc/motd": b"hello"}), big], tags=["big:1"]))
    return write(tmp_path_factory.mktemp("archive") / "big.tar", members)


def begin(site: Site, archive: Path) -> None:
    code = (
        "from pathlib import Path; from analyzer.models import Team; from analyzer.services.jobs import create_job;"
        f"create_job(team=Team.objects.get(), user=None, name='big.tar', path=Path({str(archive)!r}),"
        f" size={archive.stat().st_size}, owns_path=False)"
    )
    done = site.manage("shell", "-c", code)
    assert done.returncode == 0, done.stderr


def kill_in_the_middle(site: Site, database: Database, archive: Path, attempt: int = 1, *, one: bool = False) -> None:
    """Kills the workers, or only the one that reads the big layer, the given time that it is begun."""
    claimed = f"SELECT 1 FROM analyzer_joblayer WHERE attempt = {attempt} AND length > 1000000"

    def killed() -> bool:
        if not database.query(claimed):
            return False
        with database.held():  # however long the look at the processes takes, none gets to the end of the layer
            assert not database.query("SELECT 1 FROM analyzer_layer WHERE entries > 1000"), (
                "killed before it was stored"
            )
            readers = site.readers(archive)
            if readers:
                site.kill(readers if one else site.pids("celery"))
        return bool(readers)

    wait_until(killed, PATIENCE)


def holds_once(database: Database) -> None:
    wait_until(lambda: database.query("SELECT state FROM analyzer_job") == [("done",)], PATIENCE)
    assert database.query("SELECT entries FROM analyzer_layer ORDER BY entries") == [(1,), (FILES,)]
    assert database.query("SELECT count(*), sum(layers), sum(copies) FROM analyzer_content") == [
        (FILES + 1, FILES + 1, FILES + 1)
    ]
    assert database.query("SELECT count(*) FROM analyzer_image") == [(1,)]
    assert database.query("SELECT count(*) FROM analyzer_chain") == [(2,)]


def test_a_killed_worker_loses_nothing_on_the_embedded_defaults(start_site: Callable[..., Site], archive: Path) -> None:
    site = start_site(**QUICK)
    database = Sqlite(site.data / "layersite.sqlite3")
    begin(site, archive)
    kill_in_the_middle(site, database, archive)
    holds_once(database)


def test_a_killed_worker_loses_nothing_on_postgresql_and_redis(
    start_site: Callable[..., Site], archive: Path, postgres_url: str, redis_url: str
) -> None:
    site = start_site(DATABASE_URL=postgres_url, BROKER_URL=redis_url, **QUICK)
    database = Postgres(postgres_url)
    begin(site, archive)
    kill_in_the_middle(site, database, archive)
    holds_once(database)


def test_a_job_that_kills_its_worker_each_time_is_failed_with_its_reason(
    start_site: Callable[..., Site], archive: Path
) -> None:
    site = start_site(**QUICK)
    database = Sqlite(site.data / "layersite.sqlite3")
    begin(site, archive)
    for attempt in (1, 2, 3):
        kill_in_the_middle(site, database, archive, attempt, one=True)
    wait_until(lambda: database.query("SELECT state FROM analyzer_job") == [("failed",)], PATIENCE)
    assert "3 attempts" in database.query("SELECT error FROM analyzer_job")[0][0]
