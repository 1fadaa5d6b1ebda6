"""Commands on a database elsewhere, each in a process of its own, as people run them."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from tests.settings import ROOT

TELL = """
import io, json
from django.core.management import call_command
from analyzer.models import Membership

def said(*command):
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()

said("migrate", "--verbosity", "0")
said("migrate", "--check")
told = {"report": json.loads(said("report", "--json")), "found": json.loads(said("find", "motd", "--json"))}
images = [row["image_id"] for row in told["report"]["per_image"]]
told["files"] = {image: [json.loads(line) for line in said("files", image, "--json").splitlines()] for image in images}
told["people"] = list(Membership.objects.values_list("user__username", "role"))
print(json.dumps(told))
"""


class Site:
    def __init__(self, data: Path, database: str, more: dict[str, str] | None = None) -> None:
        """`database`: postgres://…, or empty for SQLite in `data`. `more`: further settings."""
        self.more = more or {}
        self.data = data
        self.database = database

    def manage(self, *arguments: str) -> str:
        """What `manage.py` prints."""
        settings = {"DATA_DIR": str(self.data), "DATABASE_URL": self.database, "SECRET_KEY": "only for tests"}
        settings |= {"ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "layersite.settings", **self.more}
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def load(self, statements: str) -> None:
        """Runs SQL on the database, which has no tables yet."""
        if self.database:
            with psycopg.connect(self.database, autocommit=True) as connection:
                connection.execute(statements.encode())
            return
        self.data.mkdir(exist_ok=True)
        with contextlib.closing(sqlite3.connect(self.data / "layersite.sqlite3")) as lite:
            lite.executescript(statements)

    def dump(self) -> str:
        """The database as SQL."""
        if not self.database:
            with contextlib.closing(sqlite3.connect(self.data / "layersite.sqlite3")) as lite:
                return "\n".join(lite.iterdump()) + "\n"
        dumped = subprocess.run(
            ["pg_dump", "--inserts", "--no-owner", "--no-privileges", "--no-comments", self.database],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        # What speaks to psql alone, and what says nothing.
        lines = (line for line in dumped.splitlines() if line and not line.startswith(("\\", "--")))
        return "\n".join(lines) + "\n"

    def told(self) -> Any:
        """What its images are said to be, figures, files and search, and who is in the team; after `migrate`."""
        return json.loads(self.manage("shell", "-v", "0", "-c", TELL))
