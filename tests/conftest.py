"""What every test may use: the cast, and the rule of which tests can run here."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

from analyzer.blobstore.bucket import Bucket
from analyzer.services import rates
from tests.blobstore.s3 import s3_server
from tests.cast import Cast
from tests.forgetting import forget

# No deadline: the machine does other things too. Where a machine judges, the same examples each time.
hypothesis.settings.register_profile("tests", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.load_profile("tests")
# Plain: the traceback with the value of every variable takes a minute to write.
PLAIN_LOG = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[structlog.stdlib.add_log_level, PLAIN_LOG])

POSTGRES_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def missing(*programs: str) -> str:
    """Why tests that start `programs` can't run here, or nothing."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *map(str, POSTGRES_BINARIES)])
    absent = [program for program in programs if shutil.which(program, path=path) is None]
    return f"{', '.join(absent)} not installed" if absent else ""


def not_root() -> str:
    return "" if os.geteuid() == 0 else "an engine is started by root only"


# Marker: (why its tests can't run here or "", whether that is a failure where CI=true).
NEEDS: dict[str, tuple[str, bool]] = {
    "peers": ("" if os.environ.get("PEER_ARCHIVES") else "PEER_ARCHIVES is not set", False),
    "acceptance": ("" if os.environ.get("CORPUS") else "CORPUS is not set", False),
    "postgres": (missing("postgres", "initdb"), True),
    "service": (missing("postgres", "initdb", "redis-server", "curl", "jq"), True),
    "engine": (missing("dockerd", "docker-registry", "skopeo", "podman") or not_root(), True),
    "browser": (missing("chromium"), True),
}


pytest_plugins = ["tests.programs", "tests.service.browsing", "tests.service.fixtures"]

LEFT_OUT = pytest.StashKey[Counter[str]]()
EMPTY: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="leave out tests that use no database")


def uses_database(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return "db" in fixtures or "transactional_db" in fixtures or item.get_closest_marker("django_db") is not None


@pytest.hookimpl(trylast=True)  # after -m and -k: only what was asked for is reported as left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out: Counter[str] = Counter()
    kept = []
    if config.getoption("--only-database"):
        items[:] = [item for item in items if uses_database(item)]
    for item in items:
        reasons = [NEEDS[mark.name] for mark in item.iter_markers() if mark.name in NEEDS and NEEDS[mark.name][0]]
        if not reasons:
            kept.append(item)
            continue
        why, fails_in_ci = reasons[0]
        if fails_in_ci and os.environ.get("CI") == "true":
            raise pytest.UsageError(f"{item.nodeid} can't run: {why}")
        left_out[why] += 1
    items[:] = kept
    config.stash[LEFT_OUT] = left_out


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    left_out: Counter[str] = session.config.stash.get(LEFT_OUT, EMPTY)
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:  # a process of xdist: its collection is told to the one that prints
        output["left_out"] = dict(left_out)
    if left_out and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK  # all of them were left out, and that is said


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[LEFT_OUT] = Counter[str](getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for why, count in config.stash.get(LEFT_OUT, EMPTY).items():
        terminalreporter.write_line(f"{count} tests left out: {why}")


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """The cache is empty when a test begins: primary keys of one test are those of the next."""
    forget()


@pytest.fixture
def cast(db: None) -> Cast:
    """Alice, Bob and Charlie, with their teams."""
    return Cast.create()


@pytest.fixture
def peer_archives() -> Path:
    """The folder of other projects' archives; tests that take it are marked `peers`."""
    return Path(os.environ["PEER_ARCHIVES"])


@pytest.fixture(scope="session")
def s3() -> Iterator[Bucket]:
    """A bucket of an S3 server of the tests' own; `fresh` gives each test a place in it."""
    with s3_server() as bucket:
        yield bucket


@pytest.fixture
def own_blobs(tmp_path: Path, settings: Any) -> Path:
    """A blob store of the test's own, which is empty: for those that count its bytes or spoil them."""
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.BLOB_DIR.mkdir()
    return Path(settings.BLOB_DIR)


@pytest.fixture
def own_folders(tmp_path: Path, settings: Any) -> None:
    """Folders of the test's own for what arrives, is pulled and worked on: for those that say that nothing is left."""
    settings.DATA_DIR = tmp_path
    for name in ("UPLOAD_DIR", "PULL_DIR", "WORK_DIR"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        setattr(settings, name, folder)


@pytest.fixture
def counted(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Counts of requests begin anew, in a minute and a quarter of an hour of which 45 s are left; the file of them."""
    settings.RUN_DIR = tmp_path
    monkeypatch.setattr("analyzer.services.rates.time.time", lambda: 1_199_999_655.0)
    rates.counts.cache_clear()
    yield tmp_path / "rates.sqlite3-wal"
    rates.counts.cache_clear()
