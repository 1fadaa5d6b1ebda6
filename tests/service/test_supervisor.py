"""The supervisor with real processes: what it prints, what it starts again, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.servers import START_SECONDS, wait_until
from tests.settings import ROOT

pytestmark = pytest.mark.service

SCRIPT = """
import sys
from layersite import supervisor
from layersite.processes import Process
supervisor.QUICK_SECONDS = 600.0  # what ends at once has not started, however long a busy machine takes for it
processes = [Process(name, [sys.executable, "-uc", code]) for name, code in zip(sys.argv[1::2], sys.argv[2::2])]
sys.exit(supervisor.supervise(processes, lambda: True, lambda: print("ready", flush=True)))
"""
PATIENT = "import os, time; print('pid', os.getpid()); time.sleep(600)"
STUBBORN = (
    "import os, signal, time; signal.signal(3, signal.SIG_IGN); signal.signal(15, lambda *_: print('no'));"
    "print('pid', os.getpid()); time.sleep(600)"
)
BROKEN = "print('my reason'); raise SystemExit(3)"


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., "tuple[subprocess.Popen[bytes], Path]"]:
    def run(*named_code: str) -> "tuple[subprocess.Popen[bytes], Path]":
        log = tmp_path / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT, *named_code],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=os.environ | {"DJANGO_SETTINGS_MODULE": "layersite.settings"},
            )
        return process, log

    return run


def pids(log: Path) -> list[int]:
    return [int(line.split()[-1]) for line in log.read_text().splitlines() if "| pid" in line]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


Start = Callable[..., "tuple[subprocess.Popen[bytes], Path]"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_and_is_no_failure(start: Start, sign: signal.Signals) -> None:
    process, log = start("web", PATIENT, "worker", PATIENT)
    wait_until(lambda: len(pids(log)) == 2)
    process.send_signal(sign)
    assert process.wait(START_SECONDS) == 0
    assert all(gone(pid) for pid in pids(log))


def test_lines_carry_the_name_of_who_said_them_and_ready_is_said_once(start: Start) -> None:
    process, log = start("web", PATIENT, "worker", PATIENT)
    wait_until(lambda: len(pids(log)) == 2 and "ready" in log.read_text())
    process.terminate()
    process.wait(START_SECONDS)
    assert f"web    | pid {pids(log)[0]}" in log.read_text() or f"worker | pid {pids(log)[0]}" in log.read_text()
    assert log.read_text().count("ready") == 1


def test_a_killed_process_is_started_again_and_the_other_is_left_alone(start: Start) -> None:
    process, log = start("web", PATIENT, "worker", PATIENT)
    wait_until(lambda: len(pids(log)) == 2)
    os.kill(pids(log)[0], signal.SIGKILL)
    wait_until(lambda: len(pids(log)) == 3)
    assert not gone(pids(log)[1])
    process.terminate()
    assert process.wait(START_SECONDS) == 0


def test_a_process_that_never_gets_going_ends_all_with_its_reason(start: Start) -> None:
    process, log = start("web", PATIENT, "worker", BROKEN)
    assert process.wait(START_SECONDS) == 1
    assert log.read_text().count("my reason") == 3
    assert "ended 3 times right after its start (status 3)" in log.read_text()
    assert all(gone(pid) for pid in pids(log))


def test_a_second_signal_does_not_wait_for_a_stubborn_process(start: Start) -> None:
    process, log = start("web", STUBBORN)
    wait_until(lambda: len(pids(log)) == 1)
    process.terminate()
    wait_until(lambda: "no" in log.read_text())
    began = time.monotonic()
    process.terminate()
    assert process.wait(START_SECONDS) == 0
    assert time.monotonic() - began < 7, "a single signal would have killed it after 8 seconds"
    assert gone(pids(log)[0])


def test_processes_end_with_a_supervisor_that_is_killed(start: Start) -> None:
    process, log = start("web", PATIENT)
    wait_until(lambda: len(pids(log)) == 1)
    process.kill()
    process.wait(START_SECONDS)
    wait_until(lambda: gone(pids(log)[0]))
