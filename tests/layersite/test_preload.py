"""What a process of the web server does before its first visitor."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import DatabaseError, connection

from analyzer.selectors import scope_ahead
from analyzer.selectors.scope import scope_of
from layersite import preload, rehearsal
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring


def test_a_new_process_has_made_its_pages_once_wrote_nothing_and_has_everything_at_hand(
    cast: Cast,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_assert_num_queries: Any,
) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own
    rehearsal.load()
    preload.read_ahead()
    assert not caplog.records, "nothing to rehearse with"
    built = image([layer({"etc/motd": b"hello"}), layer({"srv/app": b"code"})], tags=["shop:1"])
    bring(tmp_path, docker_save(built), cast.team)
    caplog.set_level("INFO", logger="layersite.rehearsal")
    made: list[str] = []
    make = rehearsal._make

    def noted(address: str, guest: object) -> None:
        made.append(address)
        make(address, guest)

    monkeypatch.setattr(rehearsal, "_make", noted)
    with connection.execute_wrapper(_reads_alone):
        preload.read_ahead()
    assert len(made) == 6
    assert not [record.getMessage() for record in caplog.records if record.name == "layersite.rehearsal"]
    with django_assert_num_queries(2):
        assert [each.name for each in scope_of(cast.alice).images.values()] == ["shop:1"]


def test_a_page_that_can_not_be_made_and_a_database_that_is_away_keep_no_process_from_starting(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)
    bring(tmp_path, docker_save(image([layer({"etc/motd": b"hello"})], tags=["shop:1"])), cast.team)
    caplog.set_level("INFO", logger="layersite.rehearsal")

    def fail(error: Exception) -> Any:
        def raising(*_: object) -> None:
            raise error

        return raising

    monkeypatch.setattr(rehearsal, "_make", fail(ValueError("no such page")))
    preload.read_ahead()
    assert "was not rehearsed: no such page" in caplog.text
    caplog.set_level("INFO", logger="layersite.preload")
    monkeypatch.setattr(scope_ahead, "read_ahead", fail(DatabaseError("away")))
    preload.read_ahead()
    monkeypatch.setattr(scope_ahead, "read_ahead", fail(KeyError("an image was deleted meanwhile")))
    preload.read_ahead()
    assert [record.levelname for record in caplog.records if record.name == "layersite.preload"] == ["INFO", "ERROR"]


def test_a_process_that_reads_ahead_for_long_is_heard_of_meanwhile_but_not_for_ever() -> None:
    heard, told = Event(), []

    def notify() -> None:
        told.append("alive")
        if len(told) == 3:
            heard.set()

    with preload.alive(notify, every=0.001):
        assert heard.wait(60)
    told.clear()
    with preload.alive(notify, every=0.001, longest=0.0):
        pass
    assert told == []


def _reads_alone(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert sql.startswith(("SELECT", "DECLARE", "SAVEPOINT", "RELEASE", "FETCH", "CLOSE")), sql
    return execute(sql, params, many, context)
