"""Layers by the API: the document, and what they hold."""

from pathlib import Path

import pytest

from analyzer.api.imageschemas import EntryOut, LayerOut
from tests.api.client import Api
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring

BASE = layer({"etc/motd": b"hello", "usr/bin/tool": b"x" * 5000})
TOP = layer({"etc/motd": b"hi", "srv/new": b"snow", "usr/bin/.wh.tool": b""})


@pytest.fixture
def alice(cast: Cast, tmp_path: Path) -> Api:
    bring(tmp_path, docker_save(image([BASE, TOP], tags=["app:1"])), cast.team)
    return Api(cast.alice)


def test_a_layer_tells_its_figures_and_its_images(alice: Api) -> None:
    document = alice.get(f"layers/{TOP.diff_id}/").json()
    assert LayerOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert (document["added"], document["modified"], document["removed"]) == (1, 1, 1)
    assert document["hides"] == 5005
    assert [use["name"] for use in document["images"]] == ["app:1"]
    assert document["size"] == 6


def test_its_entries_tell_what_they_change(alice: Api) -> None:
    page = alice.get(f"layers/{TOP.diff_id}/entries/").json()
    told = {entry["path"]: (entry["kind"], entry["change"], entry["changed"]) for entry in page["results"]}
    assert told["etc/motd"] == ("file", "modified", ["content"])
    assert told["srv/new"] == ("file", "added", [])
    assert told["usr/bin/.wh.tool"][:2] == ("whiteout", "removed")
    for entry in page["results"]:
        assert entry["layer"] == 1
        assert EntryOut.model_validate(entry).model_dump(exclude_unset=True) == entry


def test_its_entries_are_picked_sorted_and_paged(alice: Api) -> None:
    def paths(query: str) -> list[str]:
        page = alice.get(f"layers/{TOP.diff_id}/entries/?{query}").json()
        return [entry["path"] for entry in page["results"]]

    assert paths("change=added&kind=file") == ["srv/new"]
    assert paths("q=*motd") == ["etc/motd"]
    assert paths("sort=-size")[0] == "srv/new"
    assert paths("page=2&page_size=1") == paths("")[1:2]


def test_the_image_says_against_which_chain(alice: Api, cast: Cast, tmp_path: Path) -> None:
    alone = image([TOP], tags=["alone:1"])
    bring(tmp_path, docker_save(alone), cast.team, name="alone.tar")
    page = alice.get(f"layers/{TOP.diff_id}/entries/?image={alone.id}&q=motd").json()
    assert [(entry["layer"], entry["change"]) for entry in page["results"]] == [(0, "added")]
    assert alice.get(f"layers/{TOP.diff_id}/?image={alone.id}").json()["chain"] == TOP.diff_id


def test_team_access_works(alice: Api, cast: Cast) -> None:
    assert Api(cast.bob).get(f"layers/{TOP.diff_id}/").status_code == 200
    assert Api(cast.bob).get(f"layers/{TOP.diff_id}/entries/").status_code == 200


def test_a_bad_id_gives_404(alice: Api) -> None:
    for diff_id in ("sha256:" + "0" * 64, "sha256:short"):
        assert alice.get(f"layers/{diff_id}/").status_code == 404
        assert alice.get(f"layers/{diff_id}/entries/").status_code == 404


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    charlie = Api(cast.charlie)
    assert charlie.get(f"layers/{TOP.diff_id}/").status_code == 404
    assert charlie.get(f"layers/{TOP.diff_id}/entries/").status_code == 404
    assert Api(None).get(f"layers/{TOP.diff_id}/").status_code == 401
