"""A whole command, measured from outside: wall time, and the peak memory that the system accounts to it."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """`seconds` of wall time; `peak` bytes of resident memory of the largest process."""

    seconds: float
    peak: int


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Raises CalledProcessError if the command fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=errors)
    return Run(seconds, usage.ru_maxrss * 1024)


def median(runs: int, once: Callable[[], Run]) -> Run:
    """Median seconds, largest peak."""
    done = [once() for _ in range(runs)]
    return Run(statistics.median(one.seconds for one in done), max(one.peak for one in done))
