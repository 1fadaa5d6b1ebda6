"""Takes archives in as workers do, each in a process of its own, and says what that took.

`python -m tests.hostile.worker TEAM USER FILE…` prints a line of JSON for each file. The environment names the
database and the data folder.
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

import django

from analyzer.secrets.contents import rules_in

LOADED = (
    *(
        "tests.taking",
        "analyzer.services.indexing",
        "layersite.celery",
        "pyarrow.parquet",
        "pyarrow.compute",
        "zstandard",
    ),
    *("celery.app.amqp", "celery.app.events", "celery.backends.base", "kombu.transport.filesystem"),
)
SECONDS = 20
MEMORY = 1 << 30


def main(team: str, user: str, files: list[str]) -> None:
    django.setup()
    from django.db import connections

    for module in LOADED:  # once, before processes are made
        importlib.import_module(module)
    rules_in(b"")  # loads its rules
    for file in files:
        connections.close_all()
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os._exit(child(team, user, Path(file)))
        _, status, used = os.wait4(pid, 0)
        told = {
            "name": Path(file).name,
            "status": status,
            "seconds": round(time.monotonic() - began, 2),
            "cpu": round(used.ru_utime + used.ru_stime, 2),
            "bytes": used.ru_maxrss * 1024,
        }
        print(json.dumps(told), flush=True)


def child(team: str, user: str, file: Path) -> int:
    """The job, and then the index of its layers. 0, or 1 where something was raised past the steps."""
    from django.contrib.auth.models import User

    from analyzer.models import Team
    from analyzer.services.indexing import ensure_indexed
    from analyzer.services.jobs import create_job
    from tests.taking import run_steps

    resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
    signal.alarm(6 * SECONDS)  # of the clock: other tests run beside it
    try:
        job = create_job(
            team=Team.objects.get(slug=team),
            user=User.objects.get(username=user),
            name=file.name,
            path=file,
            size=file.stat().st_size,
        )
        run_steps(job)
        ensure_indexed()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent says so
        print(f"{file.name}: {error!r}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
