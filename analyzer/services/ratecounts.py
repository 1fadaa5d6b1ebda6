"""Counts by stretches of time, in one place for all web processes: a file of their host's, or Redis for several."""

import os
import sqlite3
import threading
from pathlib import Path
from typing import Protocol

WAIT = 0.5  # seconds that a count is waited for


class Counts(Protocol):
    """Where it is counted."""

    def add(self, what: str, now: int, ends: int) -> int:
        """One more of `what`, to be forgotten at `ends` (both Unix seconds). Returns how many there are; raises what
        goes wrong."""


class FileCounts:
    """In a small SQLite file of its own, which need not outlive the machine: nobody waits for the site's database."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def add(self, what: str, now: int, ends: int) -> int:
        row = self._database.execute(
            "INSERT INTO counts VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number",
            (ends, what),
        ).fetchall()
        number = int(row[0][0])
        if number == 1:
            self._database.execute("DELETE FROM counts WHERE ends <= ?", (now,))
        return number

    @property
    def _database(self) -> sqlite3.Connection:
        kept: tuple[int, sqlite3.Connection] | None = getattr(self._local, "kept", None)
        if kept is None or kept[0] != os.getpid():  # SQLite's connections don't outlive a fork
            database = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS counts (ends INTEGER, what TEXT, number INTEGER, PRIMARY KEY (ends, what))"
                " WITHOUT ROWID"
            )
            kept = self._local.kept = (os.getpid(), database)
        return kept[1]


class RedisCounts:
    """In the Redis that the broker is, so that several hosts share the count."""

    def __init__(self, url: str) -> None:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._redis = redis.Redis.from_url(
            url, socket_timeout=WAIT, socket_connect_timeout=WAIT, retry=Retry(NoBackoff(), 1)
        )

    def add(self, what: str, now: int, ends: int) -> int:
        name = f"layersite-rate:{ends}:{what}"
        with self._redis.pipeline() as pipeline:
            pipeline.incr(name)
            pipeline.expire(name, ends - now + 1)
            return int(pipeline.execute()[0])
