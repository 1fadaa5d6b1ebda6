"""A running site's database, asked and held from outside."""

import contextlib
import sqlite3
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg


class Database(Protocol):
    """The site's, asked from outside."""

    @abstractmethod
    def query(self, sql: str) -> list[tuple[Any, ...]]: ...

    @abstractmethod
    def held(self) -> contextlib.AbstractContextManager[None]:
        """Nobody stores a layer meanwhile."""


@dataclass(frozen=True)
class Sqlite(Database):
    path: Path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as database:
            return database.execute(sql).fetchall()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            yield


@dataclass(frozen=True)
class Postgres(Database):
    url: str

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as database:
            return database.execute(sql.encode()).fetchall()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        with psycopg.connect(self.url) as database:
            database.execute("LOCK TABLE analyzer_layer IN EXCLUSIVE MODE")
            yield
