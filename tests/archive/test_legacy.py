import json
from pathlib import Path

import pytest

from analyzer.archive.source import ArchiveError, ArchiveFormat, Platform
from tests.archive.opened import carried, opened, troubles
from tests.archives import Members, content, dumps, image, layer, v1_save, write

BASE = layer({"base": b"1"})
APP = image([BASE, {"app": b"2"}], tags=["old/app:1"], history=["/bin/sh -c #(nop) ADD <base>", "RUN a && b"])


def test_an_archive_from_before_manifest_json_is_read(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "old.tar", v1_save(APP)))
    assert contents.format is ArchiveFormat.DOCKER_ARCHIVE
    assert contents.findings == []
    (found,) = contents.images
    assert found.references == ["docker.io/old/app:1"]
    assert found.platform == Platform("linux", "amd64", None)
    assert [step.created_by for step in found.history] == ["/bin/sh -c #(nop) ADD <base>", "RUN a && b"]
    assert [each.diff_id for each in found.layers] == [each.diff_id for each in APP.layers]
    assert carried(contents) == [[each.tar for each in APP.layers]]
    assert rb"\u003cbase\u003e" in found.config
    assert rb"a \u0026\u0026 b" in found.config
    assert not {"id", "parent"} & json.loads(found.config).keys()


def test_its_image_id_is_the_same_each_time(tmp_path: Path) -> None:
    ids = {opened(write(tmp_path / name, v1_save(APP))).images[0].image_id for name in ("a.tar", "b.tar")}
    assert len(ids) == 1


def test_two_tags_of_one_image_are_one_image(tmp_path: Path) -> None:
    members = v1_save(APP)
    (v1_id,) = json.loads(content(members, "repositories"))["old/app"].values()
    members["repositories"] = dumps({"old/app": {"1": v1_id, "latest": v1_id}, "Bad Name": {"x": v1_id}})
    contents = opened(write(tmp_path / "old.tar", members))
    (found,) = contents.images
    assert found.references == ["docker.io/old/app:1", "docker.io/old/app:latest"]
    assert troubles(contents) == ["invalid-reference"]


def broken(members: Members, suffix: str, entry: bytes | None) -> Members:
    name = next(name for name in members if name.endswith(suffix))
    return {key: value for key, value in {**members, name: entry}.items() if value is not None}


@pytest.mark.parametrize(
    ("suffix", "entry", "sentence"),
    [
        ("/json", None, "lacks .*/json, which describes a layer"),
        ("/json", b"[]", "json is not an object"),
        ("/json", b'{"parent": 1}', "parent is not a text"),
        ("/layer.tar", None, "layer.tar is not in the archive"),
        ("repositories", b"[]", "repositories cannot be read"),
        ("repositories", b"{}", "names no image"),
        ("repositories", b'{"a": {"b": ""}}', "an image without an ID"),
        ("repositories", b'{"a": {"b": 1}}', "is not a text"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, suffix: str, entry: bytes | None, sentence: str
) -> None:
    with pytest.raises(ArchiveError, match=sentence):
        opened(write(tmp_path / "old.tar", broken(v1_save(APP), suffix, entry)))


def test_ancestors_in_a_loop_end(tmp_path: Path) -> None:
    members: Members = {
        "repositories": dumps({"app": {"1": "a"}}),
        "a/json": dumps({"parent": "b"}),
        "b/json": dumps({"parent": "a"}),
    }
    with pytest.raises(ArchiveError, match="is its own ancestor"):
        opened(write(tmp_path / "old.tar", members))
