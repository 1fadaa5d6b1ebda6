"""Starts the site: `python -m layersite.run`, or one process of it: `python -m layersite.run web|worker|beat`.

Without a name, web server and worker run together under the supervisor. With one, this process becomes that one, as a
container wants it. `web` brings the database up to date first.
"""

import argparse
import os
import socket
import sys
from typing import NoReturn

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from layersite import firststart, processes
from layersite.supervisor import supervise


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "layersite.settings")
    parser = argparse.ArgumentParser(prog="python -m layersite.run", description=__doc__)
    parser.add_argument("process", nargs="?", choices=["web", "worker", "beat"])
    chosen = parser.parse_args().process
    try:
        django.setup()
        if chosen in {None, "web"}:
            prepare()
    except (ImproperlyConfigured, firststart.StartError) as error:
        print(error, file=sys.stderr)
        return 2
    match chosen:
        case "web":
            become(processes.web())
        case "worker":
            become(processes.worker(with_beat=False))
        case "beat":
            become(processes.beat())
    return supervise([processes.web(), processes.worker(with_beat=True)], listening, announce)


def prepare() -> None:
    firststart.check_port()
    firststart.prepare_database()
    if made := firststart.first_administrator():
        name, password = made
        print(
            f"\n  The first administrator, shown this once:\n\n    name      {name}\n    password  {password}\n",
            flush=True,
        )


def become(process: processes.Process) -> NoReturn:
    """This process is replaced by `process`, so that signals reach it without a go-between."""
    os.execve(process.command[0], process.command, os.environ | process.environment)  # noqa: S606


def listening() -> bool:
    """Whether the web server takes connections."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.BIND, settings.BIND)  # noqa: S104
    try:
        socket.create_connection((host, settings.PORT), timeout=1).close()
    except OSError:
        return False
    return True


def announce() -> None:
    everywhere = settings.BIND in {"127.0.0.1", "::1", "0.0.0.0", "::"}  # noqa: S104
    address = settings.PUBLIC_URL or f"http://{'localhost' if everywhere else settings.BIND}:{settings.PORT}"
    print(f"\n  layersite {settings.VERSION} is at {address}/  (Ctrl-C ends it)\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
