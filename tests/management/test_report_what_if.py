"""`manage.py report --free` and `--pull`: what deleting would free and what pulling would transfer."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.archives import docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.commands import run
from tests.taking import bring

pytestmark = pytest.mark.django_db(transaction=True)

BASE, BOTH, LEFT, RIGHT = (
    layer({name: name.encode() * 500}, compression="gzip") for name in ("base", "both", "left", "right")
)


@pytest.fixture
def shelf(cast: Cast, tmp_path: Path) -> Cast:
    stacks = {"base:1": [BASE], "left:1": [BASE, BOTH, LEFT], "right:1": [BASE, BOTH, RIGHT]}
    bring(tmp_path, oci_layout(*(image(layers, tags=[tag]) for tag, layers in stacks.items())), cast.team)
    bring(tmp_path, docker_save(image([BASE, RIGHT], tags=["moved:1"])), cast.other_team)
    return cast


def told(*arguments: str) -> Any:
    status, text = run("report", *arguments, "--json")
    assert status == 0
    return json.loads(text)


def test_what_goes_with_a_set_of_images_is_told_by_layers_and_by_chains(shelf: Cast):
    document = told("--free", "left:1", "right:1")
    assert document["freed"] == 2000 + 2000  # `right` lies elsewhere too
    assert document["freed_chains"] == 2000 + 2000 + 2500
    assert [item["diff_id"] for item in document["layers"]] == sorted([BOTH.diff_id, LEFT.diff_id])
    _, text = run("report", "--free", "left:1", "right:1", "base:1")
    assert "Deleting these 3 images frees" in text
    assert "3.91 KiB (4,000 bytes) here, by diffID" in text
    assert "base:1 is the base of images that stay: moved:1." in text


def test_a_team_counts_alone_where_it_is_named(shelf: Cast):
    assert told("--free", "right:1", "--team", "alices-team")["freed"] == 2500


def test_what_a_host_would_transfer_is_told_blob_by_blob(shelf: Cast):
    document = told("--pull", "left:1", "--having", "base:1")
    assert document["transfer"] == len(BOTH.blob) + len(LEFT.blob)
    assert document["already"] == len(BASE.blob)
    assert [blob["digest"] for blob in document["blobs"]] == [BOTH.digest, LEFT.digest]
    _, text = run("report", "--pull", "left:1", "--having", "base:1", "right:1")
    assert f"A host that has 2 images would transfer {len(LEFT.blob)} B" in text


def test_an_image_of_which_no_compressed_blob_is_known_is_estimated(shelf: Cast, tmp_path: Path):
    plain = layer({"plain": b"p" * 100})
    bring(tmp_path, docker_save(image([plain], tags=["plain:1"])), shelf.team)
    document = told("--pull", "plain:1", "--having")
    assert (document["transfer"], document["estimated"]) == (len(plain.tar), True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--free", "nothing:1"], "No image that you can see goes by nothing:1."),
        (["--pull", "left:1", "--free", "right:1"], "Ask one at a time"),
        (["--having", "left:1"], "Ask one at a time"),
        (["--free", "left:1", "--team", "nobody"], "There is no team 'nobody'."),
    ],
)
def test_what_cannot_be_answered_is_said(shelf: Cast, arguments: list[str], sentence: str):
    with pytest.raises(CommandError, match=sentence.partition("'")[0]):
        call_command("report", *arguments)
