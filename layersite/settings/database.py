"""The database: SQLite in the data folder, or PostgreSQL by DATABASE_URL."""

from typing import Any

from environ import Env

from . import env
from .storage import DATA_DIR

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;"
)


def database(url: str) -> dict[str, Any]:
    """Django's description of the database at `url`."""
    described: dict[str, Any] = Env.db_url_config(url)
    options = described.setdefault("OPTIONS", {})
    if described["ENGINE"].endswith("sqlite3"):
        # IMMEDIATE: a transaction that will write takes the lock at its start, where waiting for it works;
        # a deferred one that turns to writing fails at once when another wrote in between.
        options |= {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": SQLITE_PRAGMAS}
    else:
        # A connection lives as long as its thread and is tried before use, so that a database that was gone
        # for a minute costs the requests of that minute only.
        described |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
        options.setdefault("connect_timeout", 10)
    return described


DATABASE_URL = env.text("DATABASE_URL", "") or f"sqlite:///{DATA_DIR}/layersite.sqlite3"
DATABASES = {"default": database(DATABASE_URL)}
DATABASE_IS_EMBEDDED = DATABASES["default"]["ENGINE"].endswith("sqlite3")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
