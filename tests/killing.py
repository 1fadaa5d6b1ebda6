"""Workers that are killed at a place that the test names: before they ask the database for the nth thing."""

import os
import signal
from collections.abc import Callable
from typing import Any

from django.db import connection, connections


def killed_before(statement: int, work: Callable[[], object]) -> bool:
    """Does the work in a process of its own, killed with SIGKILL there. False: it ended before."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        os._exit(_child(statement, work))
    _, status = os.waitpid(pid, 0)
    assert status in {0, signal.SIGKILL}, f"the process ended with {status}"
    return status == signal.SIGKILL


def _child(statement: int, work: Callable[[], object]) -> int:
    asked = 0

    def counted(execute: Callable[..., Any], *given: Any) -> Any:
        nonlocal asked
        if asked == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        asked += 1
        return execute(*given)

    try:
        with connection.execute_wrapper(counted):
            work()
    except BaseException:  # noqa: BLE001 - whatever it is, the parent says that it was
        return 1
    return 0
