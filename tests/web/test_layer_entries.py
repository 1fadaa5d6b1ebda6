"""The entries of a layer: pages of a flat list, rows of a folder, twins of all that is picked; its map and its tar."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Image, Layer
from tests.archives import Layer as BuiltLayer
from tests.archives import Whiteout, docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.taking import bring, run_job
from tests.web.budget import get_within_budget
from tests.web.odd_names import odd_layer

UNKNOWN = f"sha256:{'0' * 64}"
BASE = layer({"etc/motd": b"hello"})
MANY = layer({f"data/{number:03}.bin": b"x" * number for number in range(1, 451)} | {"etc/motd": Whiteout()})
ODD = odd_layer()


@pytest.fixture
def stored(cast: Cast, tmp_path: Path) -> Layer:
    bring(tmp_path, docker_save(image([BASE, MANY], tags=["many:1"])), cast.team)
    bring(tmp_path, docker_save(image([ODD], tags=["odd:1"])), cast.team)
    return Layer.objects.get(diff_id=MANY.diff_id)


def address(query: str = "", built: BuiltLayer = MANY, part: str = "entries") -> str:
    return f"/layers/{built.diff_id}/{part}/{query}"


def text_of(cast: Cast, query: str, **more: Any) -> str:
    return cast.client(cast.alice).get(address(query, **more)).content.decode()


def test_a_flat_list_comes_a_page_at_a_time(cast: Cast, stored: Layer):
    first = text_of(cast, "?view=flat")
    assert first.count("<tr><th") == 150
    assert 'title="data/450.bin"' in first
    assert f'hx-get="{address("?view=flat&amp;page=2")}"' in first
    assert f'href="/layers/{MANY.diff_id}/?view=flat&amp;page=2"' in first
    last = text_of(cast, "?view=flat&page=4")
    assert last.count("<tr><th") == 3  # 450 files, the whiteout, and the two folders that are implied
    assert "hx-get" not in last


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999999999999", "5"])
def test_a_page_that_is_not_there_is_empty_or_the_first(cast: Cast, stored: Layer, page: str):
    assert cast.client(cast.alice).get(address(f"?view=flat&page={page}")).status_code == 200


def test_the_rest_of_a_large_folder_follows(cast: Cast, stored: Layer):
    rows = text_of(cast, "?folder=data&deep=1")
    assert rows.count("<tr><th") == 150
    assert 'data-at="data" data-start="150">300 more</a>' in rows
    rest = text_of(cast, "?folder=data&deep=1&start=150")
    assert 'title="data/250.bin"' in rest
    assert "150 more" in rest


def test_the_folder_of_the_map_and_the_open_ones_are_two_things(cast: Cast, stored: Layer):
    page = cast.client(cast.alice).get(f"/layers/{MANY.diff_id}/?at=data&open=").content.decode()
    assert f'data-rows="/layers/{MANY.diff_id}/entries/?at=data"' in page
    assert text_of(cast, "?at=data&folder=etc&deep=1").count("<tr><th") == 1


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sort=name", "data/001.bin"),
        ("sort=-name&kind=file", "data/450.bin"),
        ("sort=size&kind=file", "data/001.bin"),
        ("sort=-size", "data/450.bin"),
        ("sort=-change", "etc/.wh.motd"),
        ("change=removed", "etc/.wh.motd"),
        ("kind=whiteout", "etc/.wh.motd"),
        ("q=data/0?2.bin&sort=name", "data/002.bin"),
        ("q=*[ab]/12*.bin&sort=name", "data/120.bin"),
        ("q=**/3[!0-8]9.*", "data/399.bin"),
    ],
)
def test_entries_sort_and_filter(cast: Cast, stored: Layer, query: str, first: str):
    document = json.loads(text_of(cast, f"?{query}&format=json"))
    assert document["entries"][0]["path"] == first


def test_what_no_entry_is_matches_nothing(cast: Cast, stored: Layer):
    for query in ("kind=nonsense", "change=nonsense", "q=nowhere", "q=[z-a]*"):
        assert json.loads(text_of(cast, f"?{query}&format=json"))["entries"] == []


def test_the_json_twin_has_every_entry_with_its_change(cast: Cast, stored: Layer):
    document = json.loads(text_of(cast, "?format=json"))
    assert len(document["entries"]) == 451  # no implied folders
    assert document["diff_id"] == MANY.diff_id
    by_path = {entry["path"]: entry for entry in document["entries"]}
    assert by_path["etc/.wh.motd"]["change"] == "removed"
    assert by_path["data/010.bin"]["size"] == 10


def test_the_csv_twin_runs_nothing_and_escapes_odd_bytes(cast: Cast, stored: Layer):
    rows = list(csv.DictReader(io.StringIO(text_of(cast, "?format=csv", built=ODD))))
    paths = {row["path"] for row in rows}
    assert "'=cmd|' /C calc'!A0" in paths
    assert "bad%FFbytes" in paths
    assert "new\nline" in paths


def test_odd_names_are_shown_safely(cast: Cast, stored: Layer):
    for query in ("?view=flat", "?folder=fol%FEder&deep=1"):
        text = text_of(cast, query, built=ODD)
        assert "<img src" not in text
        assert "\u202e" not in text
    text = text_of(cast, "?view=flat", built=ODD)
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert r"new\nline" in text
    assert r"tab\ttab" in text
    assert "bad%FFbytes" in text
    assert r"gnp.\u202etxt" in text


def test_the_map_opens_folders_and_names_them_safely(cast: Cast, stored: Layer):
    text = text_of(cast, "", built=ODD, part="map")
    assert 'data-chart="map-figure"' in text
    assert "<img src" not in text
    figure = json.loads(text.partition('id="map-figure" type="application/json">')[2].partition("</script>")[0])
    trace = figure["data"][0]
    assert "&lt;img src=x …lert(1)&gt;" in trace["labels"]
    assert any("&lt;img src=x onerror=alert(1)&gt;" in hover for hover in trace["hovertext"])
    assert "?at=fol%FEder" in trace["customdata"]
    inside = text_of(cast, "?at=fol%FEder", built=ODD, part="map")
    assert "inside fills 100 % of it" in inside
    assert cast.client(cast.alice).get(address("?at=nowhere", part="map")).status_code == 404


def test_the_map_stays_small_whatever_the_layer_holds(cast: Cast, stored: Layer):
    text = text_of(cast, "", part="map")
    figure = json.loads(text.partition('id="map-figure" type="application/json">')[2].partition("</script>")[0])
    tiles = figure["data"][0]
    assert len(tiles["ids"]) < 400
    assert any(label.endswith(" more") for label in tiles["labels"])
    assert tiles["values"][0] == sum(range(1, 451))


def test_the_tar_that_is_kept_comes_back_plain(cast: Cast, tmp_path: Path):
    compressed = BuiltLayer(BASE.tar, "gzip")
    run_job(tmp_path, oci_layout(image([compressed], tags=["gz:1"])), cast.team)
    response: Any = cast.client(cast.alice).get(address(built=BASE, part="tar"))
    assert b"".join(response.streaming_content) == BASE.tar == gzip.decompress(compressed.blob)
    assert response["Content-Length"] == str(len(BASE.tar))
    assert f'filename="{BASE.diff_id[7:19]}.tar"' in response["Content-Disposition"]
    page = cast.client(cast.alice).get(f"/layers/{BASE.diff_id}/").content.decode()
    assert "Download tar" in page


def test_a_tar_that_was_not_kept_is_not_there(cast: Cast, stored: Layer):
    client = cast.client(cast.alice)
    assert client.get(address(part="tar")).status_code == 404
    page = client.get(f"/layers/{MANY.diff_id}/").content.decode()
    assert "Download tar" not in page
    assert "were not kept" in page


@pytest.mark.parametrize("part", ["entries", "map", "tar"])
def test_the_parts_stay_within_their_budgets(cast: Cast, stored: Layer, part: str):
    get_within_budget(cast.client(cast.alice), address(part=part))


@pytest.mark.parametrize("part", ["entries", "map"])
def test_team_access_works(cast: Cast, stored: Layer, part: str):
    assert cast.client(cast.bob).get(address(part=part)).status_code == 200


@pytest.mark.parametrize("part", ["entries", "map", "tar"])
def test_a_bad_id_gives_404(cast: Cast, part: str):
    assert cast.client(cast.alice).get(f"/layers/{UNKNOWN}/{part}/").status_code == 404


@pytest.mark.parametrize("part", ["entries", "map", "tar"])
def test_ownership_is_checked(cast: Cast, stored: Layer, part: str):
    assert Image.objects.exists()
    assert cast.client(cast.charlie).get(address(part=part)).status_code == 404
    assert Client().get(address(part=part)).status_code == 302
