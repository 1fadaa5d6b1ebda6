"""Counts by the minute, shared by processes: in a file; tests/service has Redis."""

import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.services import rates
from analyzer.services.ratecounts import FileCounts

ANOTHER_PROCESS = """
import sys
from pathlib import Path
from analyzer.services.ratecounts import FileCounts
for _ in range(50):
    FileCounts(Path(sys.argv[1])).add("somebody", 7, 60)
"""


def test_the_next_stretch_begins_anew_and_forgets_what_is_over(tmp_path: Path) -> None:
    counts = FileCounts(tmp_path / "counts")
    asked = ((7, 60), (8, 60), (60, 120), (60, 900), (61, 120), (120, 180), (121, 900))
    assert [counts.add("somebody", now, ends) for now, ends in asked] == [1, 2, 1, 1, 2, 1, 2]
    assert counts._database.execute("SELECT ends FROM counts ORDER BY ends").fetchall() == [(180,), (900,)]


def test_processes_share_the_count(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    FileCounts(path).add("somebody", 7, 60)
    line = [sys.executable, "-c", ANOTHER_PROCESS, str(path)]
    for process in [subprocess.Popen(line) for _ in range(2)]:
        assert process.wait() == 0
    assert FileCounts(path).add("somebody", 7, 60) == 102


def test_where_nothing_can_be_counted_all_is_let_through(settings, tmp_path: Path) -> None:
    settings.RUN_DIR = tmp_path / "missing"
    rates.counts.cache_clear()
    assert [rates.spend("api", "somebody", 1) for _ in range(3)] == [None] * 3
    rates.counts.cache_clear()


def test_names_are_not_kept_as_they_were_typed(counted: Path) -> None:
    for whose in ("a password by mistake", "\udcff\0"):
        assert rates.spend("log-in", whose, 1) is not None
        with pytest.raises(rates.TooOften, match=r"More than 1 requests in a minute; the next begins in 45 s"):
            rates.spend("log-in", whose, 1)
    rates.spend("door", "a password by mistake", 1)
    assert b"password" not in counted.read_bytes()
