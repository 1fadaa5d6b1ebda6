"""`manage.py find`: all that is stored, indexed on the way."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError

from analyzer.models import LayerIndex
from tests.archives import Whiteout, docker_save, image, layer
from tests.cast import Cast
from tests.commands import run
from tests.taking import bring

BASE = layer({"etc/motd": b"hello", "usr/lib/libz.so.1": b"z"})
APP = layer({"etc/motd": Whiteout(), "srv/app": b"code"})


@pytest.fixture(autouse=True)
def stored(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"]), image([BASE], tags=["base:1"])), cast.team)


def test_the_first_call_builds_the_index_and_finds() -> None:
    assert not LayerIndex.objects.exists()
    status, out = run("find", "etc/motd", "--json")
    document = json.loads(out)
    assert status == 0
    assert LayerIndex.objects.count() == 2
    [match] = document["matches"]
    assert match["path"] == "etc/motd"
    assert match["sha256"] == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert {item["references"][0]: item["visible"] for item in match["images"]} == {
        "docker.io/library/shop:1": False,
        "docker.io/library/base:1": True,
    }
    assert document["truncated"] is False


def test_people_get_a_line_a_match() -> None:
    status, out = run("find", "**/libz.so*")
    assert status == 0
    assert "usr/lib/libz.so.1" in out
    assert "shop:1" in out
    assert "(hidden)" in run("find", "motd")[1]


def test_a_digest_finds_content_layer_and_image() -> None:
    [match] = json.loads(run("find", "2cf24dba5f", "--json")[1])["matches"]
    assert match["path"] == "etc/motd"
    [layer] = json.loads(run("find", match["layer"], "--json")[1])["matches"]
    assert (layer["kind"], len(layer["images"])) == ("layer", 2)
    [found] = json.loads(run("find", match["images"][0]["image_id"], "--json")[1])["matches"]
    assert found["kind"] == "image"


def test_nothing_found_is_no_failure() -> None:
    status, out = run("find", "no/such/path", "--json")
    assert status == 0
    assert json.loads(out)["matches"] == []


def test_more_than_the_limit_is_said() -> None:
    document = json.loads(run("find", "**", "--json", "--limit", "1")[1])
    assert (len(document["matches"]), document["truncated"]) == (1, True)


def test_what_is_no_query_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="at most 1,024 characters"):
        run("find", "x" * 3000)
