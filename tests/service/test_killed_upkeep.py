"""Workers are killed with SIGKILL in the middle of upkeep: it ends done, and files and rows tell the same."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archives import File, docker_save, image, layer, write
from tests.service.databases import Database, Sqlite
from tests.service.servers import wait_until
from tests.service.site import Site
from tests.service.test_killed_workers import PATIENCE, QUICK, begin

pytestmark = pytest.mark.service

FILES = 4_000
NOISE = 48 << 20
ASK = {
    "recompress": "recompressing.ask_to_recompress(Layer.objects.all(), 'all', None)",
    "delete": "deleting.ask_to_delete(deleting.doomed_layers(list(Layer.objects.all())), 'all', None)",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A layer that takes a second to recompress, of files enough to delete."""
    small = {f"usr/share/{number % 97}/{number}": File(data=b"%d" % number) for number in range(FILES)}
    big = layer({"noise": random.Random(7).randbytes(NOISE), **small})
    return write(tmp_path_factory.mktemp("archive") / "big.tar", docker_save(image([big], tags=["big:1"])))


def killed_in_the_middle(site: Site, database: Database, kind: str) -> None:
    """Asks for it, kills all workers once one is at it, and waits until another has finished.

    Deleting may be over by then: `tests/services/test_deleting.py` stops it at each step.
    """
    code = f"from analyzer.models import Layer; from analyzer.services import deleting, recompressing; {ASK[kind]}"
    done = site.manage("shell", "-c", code)
    assert done.returncode == 0, done.stderr
    row = f"FROM analyzer_upkeep WHERE kind = '{kind}'"
    wait_until(lambda: database.query(f"SELECT state {row}") in ([("running",)], [("done",)]), PATIENCE)
    with database.held():  # however long it takes to find them, none is done meanwhile
        site.kill(site.pids("celery"))
    wait_until(lambda: database.query(f"SELECT state {row}") == [("done",)], PATIENCE)


def test_upkeep_that_was_killed_ends_done(start_site: Callable[..., Site], archive: Path) -> None:
    site = start_site(**QUICK)
    database = Sqlite(site.data / "layersite.sqlite3")
    begin(site, archive)
    wait_until(lambda: database.query("SELECT state FROM analyzer_job") == [("done",)], PATIENCE)
    killed_in_the_middle(site, database, "recompress")
    assert database.query("SELECT attempt FROM analyzer_upkeep") == [(2,)], "killed when it was over already"
    (kept,) = database.query("SELECT made, compression, size FROM analyzer_blob WHERE kept")
    assert kept[:2] == (1, "zstd")
    files = [path.stat().st_size for path in (site.data / "blobs" / "sha256").rglob("*") if path.is_file()]
    assert files == [kept[2]]
    killed_in_the_middle(site, database, "delete")
    assert database.query("SELECT promised, freed FROM analyzer_upkeep WHERE kind = 'delete'") == [(kept[2], kept[2])]
    assert not [path for path in (site.data / "blobs" / "sha256").rglob("*") if path.is_file()]
    for table in ("layer", "blob", "image", "chain", "content"):
        assert database.query(f"SELECT count(*) FROM analyzer_{table}") == [(0,)], table
    checked = site.manage("check_storage", "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["oddities"] == []
