"""Settings that follow from others, each tried in a process of its own, as a start would see them."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

from layersite.settings import security, web
from tests.settings import ROOT


def read(names: str, data: Path, **environment: str) -> Any:
    """The settings `names` of a fresh start, or the last line that it said when it refused."""
    code = f"import json; from layersite import settings as s; print(json.dumps([{names}], default=str))"
    outcome = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(data)} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode:
        return outcome.stderr.splitlines()[-1]
    return json.loads(outcome.stdout)


def test_without_any_variable_all_lies_in_one_private_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    database, broker = read("s.DATABASES['default']['NAME'], s.CELERY_BROKER_TRANSPORT_OPTIONS['data_folder_in']", data)
    assert database == f"{data}/layersite.sqlite3"
    assert broker == f"{data}/broker/queue"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_two_variables_are_all_it_takes_to_leave_the_embedded_defaults(tmp_path: Path) -> None:
    engine, host, broker = read(
        "s.DATABASES['default']['ENGINE'], s.DATABASES['default']['HOST'], s.CELERY_BROKER_URL",
        tmp_path,
        DATABASE_URL="postgres://user:pass@db.internal/layers",
        BROKER_URL="redis://queue.internal:6379/0",
        SECRET_KEY="shared",
    )
    assert (engine, host) == ("django.db.backends.postgresql", "db.internal")
    assert broker == "redis://queue.internal:6379/0"


def test_a_database_server_asks_for_a_key_that_machines_can_share(tmp_path: Path) -> None:
    refusal = read("1", tmp_path, DATABASE_URL="postgres://user:pass@db.internal/layers")
    assert "set the same SECRET_KEY" in refusal


def test_redis_redelivers_soon_but_not_while_a_task_may_still_run(tmp_path: Path) -> None:
    (options,) = read(
        "s.CELERY_BROKER_TRANSPORT_OPTIONS", tmp_path, BROKER_URL="redis://h", JOB_TIME_LIMIT_SECONDS="100"
    )
    assert options["visibility_timeout"] > 100
    assert options["unacked_restore_interval"] == 5


def test_a_public_address_with_https_makes_cookies_travel_over_tls_only(tmp_path: Path) -> None:
    secure, hsts, hosts = read(
        "s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.ALLOWED_HOSTS",
        tmp_path,
        PUBLIC_URL="https://layers.example.org/",
    )
    assert secure is True
    assert hsts > 0
    assert "layers.example.org" in hosts


def test_a_limit_is_set_by_its_variable(tmp_path: Path) -> None:
    assert read("s.LIMITS.max_layers", tmp_path, MAX_LAYERS="7") == [7]


def test_a_data_folder_that_can_t_be_made_is_refused_in_a_sentence() -> None:
    assert "DATA_DIR=/proc/data can't be used" in read("1", Path("/proc/data"))


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    made = security.kept_secret(tmp_path / "key")
    assert len(made) > 50
    assert security.kept_secret(tmp_path / "key") == made
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_the_version_is_the_newest_heading_of_the_changelog(tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.3.0\n\n- new\n\n## 1.2.9\n")
    assert web.version(tmp_path / "CHANGELOG.md") == "1.3.0"


def test_a_worker_that_took_much_memory_is_replaced(tmp_path: Path) -> None:
    names = "s.CELERY_WORKER_MAX_MEMORY_PER_CHILD"
    assert read(names, tmp_path) == [384 << 10]
    assert read(names, tmp_path, WORKER_MEMORY_BYTES=str(1 << 30)) == [1 << 20]
