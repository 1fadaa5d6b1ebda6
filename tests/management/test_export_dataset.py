"""`manage.py export_dataset`, read by DuckDB with the queries of docs/dataset.md: both tell the same."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.core.management import CommandError, call_command

from analyzer.models import AuditLine, Content, Image, Layer
from analyzer.selectors.access import OPERATOR
from analyzer.selectors.bases import bases_of
from analyzer.selectors.finding.found import find
from analyzer.selectors.finding.query import parse
from analyzer.selectors.finding.sight import Budget, everything
from analyzer.selectors.freeing import freeing
from analyzer.selectors.overview import totals_of
from analyzer.selectors.scope import scope_of
from analyzer.services.indexing import ensure_indexed
from analyzer.services.removal import remove_image
from tests.archives import Whiteout, docker_save, image, layer
from tests.cast import Cast
from tests.commands import run
from tests.settings import ROOT
from tests.taking import bring

pytestmark = pytest.mark.django_db(transaction=True)

BASE = layer({"usr/lib/base.so": b"b" * 5000, "etc/motd": b"hello", "etc/empty": b""})
APP = layer({"srv/app": b"code" * 25, "srv/motd": b"hello"})
WEB = layer({"srv/web": b"page" * 30, "srv/copy": b"code" * 25, "etc/motd": b"changed", "etc/empty": Whiteout()})


@pytest.fixture
def shelf(cast: Cast, tmp_path: Path) -> Cast:
    """A base, two images on it, one that has the app on another parent, and one that lacks a layer."""
    lacking = image([BASE, layer({"lost": b"never came"})], tags=["lacking:1"])
    members = docker_save(image([BASE], tags=["base:1"]), image([BASE, APP], tags=["app:1"]), lacking)
    bring(
        tmp_path,
        {name: entry for name, entry in members.items() if not (isinstance(entry, bytes) and b"never came" in entry)},
        cast.team,
    )
    more = docker_save(image([BASE, WEB], tags=["web:1"]), image([WEB, APP], tags=["app:odd"]))
    bring(tmp_path, more, cast.other_team)
    return cast


def export(folder: Path) -> dict[str, int]:
    status, text = run("export_dataset", str(folder), "--json")
    assert status == 0
    document: dict[str, int] = json.loads(text)
    return document


def documented() -> dict[str, str]:
    """The queries of the document, by their heading."""
    text = (ROOT / "docs" / "dataset.md").read_text(encoding="utf-8").split("## DuckDB\n")[1].split("\n## ")[0]
    return dict(re.findall(r"(?:^|### ([^\n]*)\n)[^#]*?```sql\n(.*?)```", text, re.DOTALL))


def asked(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    connection.execute(query)
    names = [column[0] for column in connection.description or []]
    return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]


def test_duckdb_tells_what_our_own_reports_tell(shelf: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(tmp_path / "set")
    monkeypatch.chdir(tmp_path / "set")
    queries = documented()
    connection = duckdb.connect()
    connection.execute(queries.pop(""))
    told = {heading: asked(connection, query) for heading, query in queries.items()}
    scope = scope_of(OPERATOR)

    assert told["What sharing saves"] == [{rung.key: rung.size for rung in totals_of(scope, patient=True).rungs}]

    sharing = {row["image_id"]: (row["shared"], row["unique"]) for row in told["Shared and unique bytes of each image"]}
    assert sharing == {
        item.image_id[7:]: (scope.shared(item), item.size - (scope.shared(item) or 0))
        for item in scope.whole
        if item.size is not None
    }
    assert len(sharing) == 4

    twice = {
        (row["sha256"][:40], row["size"], row["layers"], row["copies"])
        for row in told["Contents that are stored more than once"]
    }
    rows = Content.objects.filter(copies__gt=1).values_list("pk", "size", "layers", "copies")
    assert twice == {(bytes(pk).hex(), *rest) for pk, *rest in rows}
    assert len(twice) == 2

    ensure_indexed()
    found = find(everything(), parse("etc/motd"), Budget(60, 1000)).matches
    ours = {
        (inside.image_id, match.layer, match.sha256.hex())
        for match in found
        for inside in match.images
        if match.layer and match.sha256
    }
    theirs = told["Who has a file"]
    assert {(f"sha256:{row['image_id']}", f"sha256:{row['layer']}", row["sha256"]) for row in theirs} == ours
    assert {row["tag"] for row in theirs if row["repository"].endswith("/app")} == {"1", "odd"}

    chosen = [item for item in scope.images.values() if any("/app:" in name for name in item.references)]
    ours_freed = freeing(scope, bases_of(scope), chosen)
    assert told["What deleting a set of images frees"] == [
        {"freed": ours_freed.freed, "freed_chains": ours_freed.freed_chains}
    ]
    assert 0 < ours_freed.freed < ours_freed.freed_chains


def test_a_second_run_writes_what_is_new_and_tells_what_is_gone(shelf: Cast, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    first = export(folder)
    assert (first["listings"], first["listings_written"], first["images"]) == (3, 3, 5)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
    again = export(folder)
    assert (again["listings_written"], again["tables_written"], again["bytes_written"]) == (0, 0, 0)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")} == before

    odd, app = (Image.objects.get(references__tag=tag, references__repository__endswith="/app") for tag in ("odd", "1"))
    remove_image(odd, shelf.other_team)
    remove_image(app, shelf.team)
    bring(tmp_path, docker_save(image([BASE, layer({"new": b"new"})], tags=["new:1"])), shelf.team)
    after = export(folder)
    assert (after["listings_written"], after["listings_removed"], after["images_gone"]) == (1, 1, 2)
    [told] = (folder / "deletions").iterdir()
    gone = duckdb.connect().execute("SELECT kind, digest FROM read_parquet($file)", {"file": str(told)}).fetchall()
    assert set(gone) == {("layer", APP.diff_id[7:]), ("image", odd.image_id[7:]), ("image", app.image_id[7:])}
    there = {path.parent.name.removeprefix("layer=") for path in (folder / "listings").rglob("*.parquet")}
    assert there == {diff_id[7:] for diff_id in Layer.objects.values_list("diff_id", flat=True)}
    assert all(path.is_file() or any(path.iterdir()) for path in folder.rglob("*")), "no empty folder is left"
    line = AuditLine.objects.filter(action="dataset.export").latest("pk")
    assert (line.object, line.details["listings_removed"]) == (str(folder), 1)


def test_a_run_that_was_killed_is_made_good(shelf: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "set"
    with monkeypatch.context() as patch:
        patch.setattr("analyzer.services.dataset._Run._tables", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            export(folder)
    [lost, *_] = (folder / "listings").rglob("*.parquet")
    lost.write_bytes(b"")
    done = export(folder)
    assert (done["listings"], done["listings_written"]) == (3, 1)
    assert json.loads((folder / "dataset.json").read_text())["tables"]["layers/layers.parquet"]["rows"] == 3


def test_a_later_run_that_was_killed_is_made_good_with_its_contents(
    shelf: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "set"
    export(folder)
    bring(tmp_path, docker_save(image([layer({"srv/late": b"late" * 50})], tags=["late:1"])), shelf.team, name="l.tar")
    with monkeypatch.context() as patch:
        patch.setattr("analyzer.services.dataset._Run._tables", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            export(folder)
    draft = next((folder / "listings").rglob("entries.parquet"))
    draft.with_name("entries.parquet.7.draft").write_bytes(b"half")
    export(folder)
    told = duckdb.sql(f"SELECT count(*) FROM read_parquet('{folder}/contents/**/*.parquet')")
    assert told is not None
    assert told.fetchall() == [(Content.objects.count(),)]


def test_other_peoples_files_are_left_alone(shelf: Cast, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    for destination, words in ((str(tmp_path), "no data set of layersite"), ("nowhere://x/y", "no folder to write to")):
        with pytest.raises(CommandError, match=words) as caught:
            call_command("export_dataset", destination)
        assert caught.value.returncode == 2
