"""Two images side by side, on a page, for who may see both."""

import csv
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils.html import strip_tags

from tests.cast import Cast
from tests.compared import AFTER, BEFORE, TOOLBOX, shelve
from tests.images import image
from tests.rows import add_image
from tests.web.budget import get_within_budget

BOTH = f"/compare/?a={BEFORE.id}&b={AFTER.id}"


@pytest.fixture
def shelf(cast: Cast, tmp_path: Path) -> Cast:
    """Alice's team pushed `shop:1` twice."""
    shelve(cast.team, tmp_path, BEFORE, AFTER)
    return cast


def page(client: Client, address: str = BOTH, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def document(cast: Cast, address: str = BOTH) -> Any:
    return cast.client(cast.alice).get(f"{address}&format=json").json()


def test_layers_are_aligned_by_content_with_the_reason_of_a_near_miss(shelf: Cast):
    layers = document(shelf)["layers"]
    assert [(pair["relation"], (pair["first"] or pair["second"])["index"]) for pair in layers] == [
        ("same", 0),
        ("new", 1),
        ("near", 1),
        ("new", 3),
        ("gone", 2),
    ]
    near = layers[2]["near"]
    assert near["common"] == 102_403
    assert near["reasons"]["files"] == 1
    assert [file["path"] for file in near["set_aside"]] == ["var/cache/apt/pkgcache.bin"]
    text = page(shelf.client(shelf.alice))
    assert "1 of 4 layers on the same chain, 1 nearly the same, 2 new, 1 gone" in text
    assert "100.0 KiB in common, 100 % without 1 file (var/cache/apt/pkgcache.bin)" in strip_tags(text)


def test_images_that_were_ticked_in_a_table_are_compared(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert unquote(client.get(f"/compare/?image={BEFORE.id}&image={AFTER.id}")["Location"]) == BOTH
    several = client.get(f"/compare/?image={BEFORE.id}&image={AFTER.id}&image={TOOLBOX.id}")
    assert unquote(several["Location"]).endswith(
        f"/reuse/compare/?image={BEFORE.id}&image={AFTER.id}&image={TOOLBOX.id}"
    )
    one = client.get(f"/compare/?image={BEFORE.id}", follow=True)
    assert f'name="a" value="{BEFORE.id[7:19]}"' in one.content.decode()


def test_a_layer_on_other_layers_has_moved(shelf: Cast, tmp_path: Path):
    shelve(shelf.team, tmp_path, TOOLBOX)
    found = document(shelf, f"/compare/?a={AFTER.id}&b=toolbox:1")
    relations = [pair["relation"] for pair in found["layers"]]
    assert relations.count("moved") == 2
    assert found["common"] == {"chains": 0, "layers": 13_005, "near": 0}


def test_files_of_the_merged_views_are_compared(shelf: Cast):
    found = document(shelf)
    files = {file["path"]: file for file in found["files"]}
    assert (files["srv/app.js"]["change"], files["srv/app.js"]["changed"]) == ("modified", ["content"])
    assert (files["srv/app.js"]["first_size"], files["srv/app.js"]["second_size"]) == (3, 5)
    assert (files["srv/app.js"]["first_layer"], files["srv/app.js"]["second_layer"]) == (2, 3)
    assert files["opt/tools.bin"]["change"] == "added"
    assert files["usr/lib/big.so"]["changed"] == ["mtime"]
    assert files["usr/lib/odd%FF"]["path_bytes"]
    assert found["totals"]["added"]["second_size"] == 3001


def test_semantic_leaves_times_out(shelf: Cast):
    found = document(shelf, f"{BOTH}&semantic=1")
    assert {file["path"] for file in found["files"]} == {
        "opt",
        "opt/tools.bin",
        "srv/=x",
        "srv/app.js",
        "var/cache/apt/pkgcache.bin",
    }
    assert [change["key"] for change in found["config"]] == ["config.Env.MODE"]
    assert found["same"] is False


def test_an_image_beside_itself_differs_in_nothing(shelf: Cast):
    found = document(shelf, f"/compare/?a={AFTER.id}&b={AFTER.id}")
    assert found["same"] is True
    assert (found["files"], found["config"], found["history"]) == ([], [], [])
    assert "One image, compared with itself" in page(shelf.client(shelf.alice), f"/compare/?a={AFTER.id}&b={AFTER.id}")


def test_config_and_history_tell_what_differs(shelf: Cast):
    found = document(shelf)
    assert {"key": "config.Env.MODE", "change": "modified", "first": "test", "second": "live"} in found["config"]
    assert [(step["change"], step["created_by"]) for step in found["history"]] == [("added", "ADD tools /")]


def test_without_a_first_image_the_push_before_is_taken(shelf: Cast):
    text = page(shelf.client(shelf.alice), "/compare/?b=shop:1")
    assert "The first is what shop:1 pointed at until" in text
    assert BEFORE.id in text
    of_image = page(shelf.client(shelf.alice), f"/images/{AFTER.id}/")
    assert f'href="/compare/?a={BEFORE.id}&amp;b={AFTER.id}">Compare with the push before</a>' in of_image


def test_an_image_that_was_never_pushed_over_asks_what_to_compare_with(shelf: Cast):
    text = page(shelf.client(shelf.alice), f"/compare/?b={BEFORE.id}")
    assert "No reference moved to this image" in text
    assert "Compare two images" in page(shelf.client(shelf.alice), "/compare/")


def test_files_are_filtered_by_text_change_and_folder(shelf: Cast):
    def paths(query: str) -> list[str]:
        return [file["path"] for file in document(shelf, f"{BOTH}&{query}")["files"]]

    assert paths("q=*.js") == ["srv/app.js"]
    assert paths("change=added&at=srv") == ["srv/=x"]
    assert paths("what=content") == ["srv/app.js", "var/cache/apt/pkgcache.bin"]
    assert paths("change=nothing") == []
    text = page(shelf.client(shelf.alice), f"{BOTH}&q=*.js")
    assert f"1 of {len(document(shelf)['files'])} paths that differ" in text


def test_folders_add_up_what_differs_below_them(shelf: Cast):
    folders = shelf.client(shelf.alice).get(f"{BOTH}&part=folders&format=json").json()["folders"]
    told = {folder["path"]: folder for folder in folders}
    assert told["srv"]["grown"] == 3
    assert (told["srv"]["added"], told["srv"]["modified"]) == (1, 1)
    assert sum(folder["grown"] for folder in folders) == 3003
    assert "below srv, the heaviest first" in page(shelf.client(shelf.alice), f"{BOTH}&at=srv")


def test_every_table_has_a_csv_twin_without_formulas(shelf: Cast):
    client = shelf.client(shelf.alice)
    for part in ("files", "folders", "layers", "config", "history"):
        response = client.get(f"{BOTH}&part={part}&format=csv")
        assert response["Content-Disposition"] == f'attachment; filename="{part}.csv"'
        assert len(list(csv.reader(io.StringIO(response.content.decode())))) > 1
    assert client.get(f"{BOTH}&part=nothing&format=csv").status_code == 404


def test_names_and_instructions_are_escaped(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "<big>" not in text
    assert "&lt;big&gt;" in text


def test_an_image_without_a_layer_is_compared_as_far_as_it_is_known(shelf: Cast):
    add_image(shelf.team, ["legacy"], layers={"gone": 5}, missing=["gone"])
    found = document(shelf, f"/compare/?a={AFTER.id}&b=legacy")
    assert found["files"] is None
    assert found["totals"] is None
    text = page(shelf.client(shelf.alice), f"/compare/?a={AFTER.id}&b=legacy")
    assert "is not known, since a layer is missing" in text


def test_the_page_keeps_within_its_queries(shelf: Cast):
    assert get_within_budget(shelf.client(shelf.alice), BOTH).status_code == 200


def test_team_access_works(shelf: Cast):
    assert "nearly the same" in page(shelf.client(shelf.bob))


def test_a_bad_id_gives_404(shelf: Cast):
    client = shelf.client(shelf.alice)
    text = page(client, f"/compare/?a={AFTER.id}&b=nowhere:1", 404)
    assert "No image is known as docker.io/library/nowhere:1." in text
    assert client.get(f"/compare/?a=sha256:{'0' * 64}&b={AFTER.id}&format=json").status_code == 404
    assert client.get(f"/compare/?a={AFTER.id}&b=%3Cscript%3E").status_code == 404


def test_ownership_is_checked(shelf: Cast, tmp_path: Path):
    own = shelve(shelf.other_team, tmp_path, image([{"a": b"1"}], tags=["own:1"]))[0]
    charlie = shelf.client(shelf.charlie)
    assert charlie.get(BOTH).status_code == 404
    assert charlie.get(f"/compare/?a={own.image_id}&b=shop:1").status_code == 404
    assert charlie.get(f"/compare/?b={AFTER.id}").status_code == 404
    assert charlie.get(f"/compare/?a={own.image_id}&b=own:1").status_code == 200


def test_a_push_of_others_is_not_told(shelf: Cast, tmp_path: Path):
    """Charlie's team has the newer image only; that another team's tag moved there is not Charlie's to know."""
    shelve(shelf.other_team, tmp_path, AFTER)
    text = page(shelf.client(shelf.charlie), f"/compare/?b={AFTER.id}")
    assert BEFORE.id not in text
    assert "Compare with the push before" not in page(shelf.client(shelf.charlie), f"/images/{AFTER.id}/")
