"""`manage.py report`: the sharing of a scope, held to counts made by hand from the very archives."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analyzer.services.indexing import ensure_indexed
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.commands import run
from tests.rows import add_image, diff_id
from tests.taking import bring

pytestmark = pytest.mark.django_db(transaction=True)

FILES: list[dict[str, bytes]] = [
    {"usr/lib/base.so": b"b" * 5000, "etc/motd": b"hello"},
    {"srv/app": b"code" * 25, "srv/motd": b"hello"},
    {"srv/web": b"page" * 30, "srv/copy": b"code" * 25},
]
BASE, APP, WEB = (layer(files) for files in FILES)


def report(*arguments: str) -> Any:
    status, text = run("report", *arguments, "--json")
    assert status == 0
    return json.loads(text)


@pytest.fixture
def shelf(cast: Cast, tmp_path: Path) -> Cast:
    """A base, two images on it, and one that has the app on another parent."""
    images = [image([BASE], tags=["base:1"]), image([BASE, APP], tags=["app:1", "app:latest"])]
    bring(tmp_path, docker_save(*images, image([BASE, WEB], tags=["web:1"])), cast.team)
    bring(tmp_path, docker_save(image([WEB, APP], tags=["odd:1"]), image([BASE], tags=["base:1"])), cast.other_team)
    return cast


def sizes(*layers: int) -> int:
    return sum(len(content) for index in layers for content in FILES[index].values())


def contents(*layers: int) -> int:
    found = {hashlib.sha256(data).digest(): len(data) for index in layers for data in FILES[index].values()}
    return sum(found.values())


def test_the_ladder_is_what_counting_the_files_by_hand_gives(shelf: Cast) -> None:
    document = report()
    assert (document["images"], document["layers"]) == (4, 3)
    assert document["ladder"] == {
        "naive": sizes(0) + sizes(0, 1) + sizes(0, 2) + sizes(2, 1),
        "chains": sizes(0, 1, 2) + sizes(2, 1),
        "layers": sizes(0, 1, 2),
        "contents": contents(0, 1, 2),
    }


def test_shared_and_unique_are_by_chain(shelf: Cast) -> None:
    rows = {row["references"][0].split("/")[-1]: (row["shared"], row["unique"]) for row in report()["per_image"]}
    assert rows == {
        "base:1": (sizes(0), 0),
        "app:1": (sizes(0), sizes(1)),
        "web:1": (sizes(0), sizes(2)),
        "odd:1": (0, sizes(2, 1)),
    }


def test_fair_costs_add_up_to_the_disk(shelf: Cast) -> None:
    document = report()
    owners = {owner["team"]: owner for owner in document["owners"]}
    assert owners.keys() == {shelf.team.slug, shelf.other_team.slug}
    assert sum(owner["fair_cost"] for owner in owners.values()) == document["ladder"]["layers"]
    assert owners[shelf.team.slug]["naive"] == sizes(0) + sizes(0, 1) + sizes(0, 2)
    assert owners[shelf.team.slug]["stored"] == sizes(0, 1, 2)


def test_a_scope_is_a_team_or_a_tag_pattern(shelf: Cast) -> None:
    document = report("--team", shelf.team.slug, "--tag", "app:*")
    assert document["scope"]["team"] == shelf.team.slug
    assert document["scope"]["tag"] == "app:*"
    assert document["ladder"]["contents"] == contents(0, 1)
    assert [owner["team"] for owner in document["owners"]] == [shelf.team.slug]
    assert report("--tag", "latest")["images"] == 1
    assert report("--repository", "web")["images"] == 1
    assert report("--until", "2001-01-01")["images"] == 0


def test_the_layers_that_save_most_come_first(cast: Cast) -> None:
    add_image(cast.team, ["one"], layers={"base": 1000, "tool": 3000})
    add_image(cast.team, ["two"], layers={"base": 1000, "tool": 3000, "x": 1})
    add_image(cast.team, ["three"], layers={"base": 1000})
    found = [(item["diff_id"], item["size"], item["images"]) for item in report()["top_layers"]]
    assert found == [(diff_id("tool"), 3000, 2), (diff_id("base"), 1000, 3)]


def test_an_image_that_lacks_a_layer_has_null_figures_and_is_in_no_sum(cast: Cast) -> None:
    add_image(cast.team, ["whole"], layers={"a": 10})
    add_image(cast.team, ["half"], layers={"a": 10, "gone": 5}, missing=["gone"])
    document = report()
    assert (document["images"], document["incomplete"], document["ladder"]["naive"]) == (1, 1, 10)
    rows = {row["references"][0]: row["size"] for row in document["per_image"]}
    assert rows == {"docker.io/library/whole:latest": 10, "docker.io/library/half:latest": None}
    assert "1 more lack a layer" in run("report")[1]


def test_people_read_a_table(shelf: Cast) -> None:
    text = run("report")[1]
    assert text.startswith("4 images\n")
    for words in ("naive", "contents", "Shared and unique bytes, by chainID", "app:1", shelf.other_team.slug):
        assert words in text


def test_near_misses_are_a_line_once_layers_are_compared(cast: Cast, tmp_path: Path) -> None:
    code = {"srv/code": b"c" * 100_000}
    twice = image([layer(code), layer(code | {"srv/log": b"x"})], tags=["twice:1"])
    bring(tmp_path, docker_save(twice), cast.team)
    assert "2 layers are still to be compared" in run("report")[1]
    ensure_indexed()
    line = "Near misses: 2 layers that are nearly the same as another store 97.7 KiB again"
    assert run("report")[1].splitlines()[-1] == line


def test_an_empty_store_is_a_report_of_nothing(cast: Cast) -> None:
    document = report()
    assert document["ladder"] == {"naive": 0, "chains": 0, "layers": 0, "contents": 0}
    assert (document["per_image"], document["owners"]) == ([], [])
    assert run("report")[1].startswith("0 images\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--team", "nobody"], "There is no team 'nobody'."),
        (["--since", "soon"], "since is not a date: write it as 2026-11-24."),
    ],
)
def test_what_can_not_be_is_told_in_words_and_2(cast: Cast, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("report", *arguments)
    assert (str(caught.value), caught.value.returncode) == (words, 2)
