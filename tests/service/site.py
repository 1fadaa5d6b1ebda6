"""A whole site, started as people start it: web server and workers under their supervisor."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.service.servers import free_port, server, wait_until
from tests.settings import ROOT


@dataclass(slots=True)
class Site:
    data: Path  # its DATA_DIR
    port: int
    settings: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes]" = field(init=False)
    hand: "subprocess.Popen[str] | None" = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return self.settings | {"DATA_DIR": str(self.data), "PORT": str(self.port), "ENV_FILE": os.devnull}

    @property
    def password(self) -> str:
        """Of the administrator `admin`, as the first start printed it."""
        found = re.search(r"^ +password +(\S+)$", self.log.read_text(), re.MULTILINE)
        assert found, self.log.read_text()
        return found[1]

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`manage.py` on the site's database."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(command, env=self._django(), capture_output=True, text=True, check=False)

    def take_in(self, *archives: Path) -> None:
        """Stores all of them, as `manage.py analyze` does. One process serves all calls: its start takes a second."""
        if self.hand is None:
            with self.said.open("w") as said:
                self.hand = subprocess.Popen(
                    [sys.executable, "-m", "tests.service.hand"],
                    env=self._django() | {"PYTHONPATH": str(ROOT)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    text=True,
                )
        assert self.hand.stdin
        assert self.hand.stdout
        self.hand.stdin.write(json.dumps([str(archive) for archive in archives]) + "\n")
        self.hand.stdin.flush()
        assert self.hand.stdout.readline() == "0\n", self.said.read_text()

    @property
    def said(self) -> Path:
        """What taking in said."""
        return self.log.with_suffix(".hand.log")

    def _django(self) -> dict[str, str]:
        return os.environ | {"DJANGO_SETTINGS_MODULE": "layersite.settings"} | self.environment

    def told(self, lines: int = 40) -> str:
        """The end of its log and its newest jobs, for who looks at a test that failed."""
        log = [line[:300] for line in self.log.read_text(errors="replace").splitlines()[-lines:]]
        database = self.data / "layersite.sqlite3"
        jobs: list[Any] = []
        if database.exists():  # a database elsewhere tells by itself
            with contextlib.closing(sqlite3.connect(database, timeout=5)) as opened:
                jobs = opened.execute(
                    "SELECT name, state, error FROM analyzer_job ORDER BY created DESC LIMIT 8"
                ).fetchall()
        return "\n".join(["--- the site's log", *log, "--- its newest jobs", *(str(job)[:300] for job in jobs)])

    def pids(self, word: str) -> list[int]:
        """The site's processes whose command line holds `word` (`gunicorn`, `celery`), oldest first."""
        found = []
        for pid in descendants(self.process.pid):
            with contextlib.suppress(OSError):
                if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return sorted(found)

    def readers(self, path: Path) -> list[int]:
        """The workers' processes that have the file open."""
        found = []
        for pid in self.pids("celery"):
            with contextlib.suppress(OSError):
                if any(
                    os.path.samefile(opened, path) for opened in Path(f"/proc/{pid}/fd").iterdir() if opened.exists()
                ):
                    found.append(pid)
        return found

    def kill(self, doomed: list[int]) -> None:
        """SIGKILL to all of them at once, and a wait until they are gone."""
        assert doomed
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not set(doomed) & descendants(self.process.pid))


def descendants(root: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # pid (name, which may hold anything) state ppid
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {root}


@contextlib.contextmanager
def running_site(data: Path, **settings: str) -> Iterator[Site]:
    """A site on a free port. `settings` are environment variables; `data` is kept, for another start on it."""
    static = data.parent / "static"  # empty: style sheets and scripts come from where they lie, as they are now
    static.mkdir(parents=True, exist_ok=True)
    site = Site(data, free_port(), {"STATIC_ROOT": str(static)} | settings, data.parent / f"site-{free_port()}.log")
    if "DATABASE_URL" in settings:
        site.settings |= {"SECRET_KEY": "only for tests"}
    command = [sys.executable, "-m", "layersite.run"]
    env = {"DJANGO_SETTINGS_MODULE": "layersite.settings", "PYTHONPATH": str(ROOT)} | site.environment
    with server(command, site.log, lambda: "Ctrl-C" in site.log.read_text(), env=env) as process:
        site.process = process
        try:
            yield site
        finally:
            if site.hand:
                site.hand.communicate()  # no more lines: it ends
            process.terminate()
            time.sleep(0.2)  # the second signal, which `server` sends, ends it without the patience of the first
