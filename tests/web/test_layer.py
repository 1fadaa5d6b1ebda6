"""The Layer page: what a layer is, changes and hides, on the chain that one came by, and who stands on it."""

import json
from pathlib import Path

import pytest
from django.test import Client

from analyzer.models import Image, Layer
from tests.archives import Layer as BuiltLayer
from tests.archives import Opaque, Whiteout, docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.taking import bring
from tests.web.budget import get_within_budget

UNKNOWN = f"sha256:{'0' * 64}"
BASE = layer({"etc/motd": b"hello", "etc/issue": b"welcome", "cache/a": b"a" * 300, "cache/b": b"b" * 200})
APP = layer({"srv/app": b"code" * 25, "etc/motd": b"hi", "etc/issue": Whiteout(), "cache": Opaque()})
BUILT = image([BASE, APP], tags=["shop:1"], history=["ADD file in /", "#CMD sh", "RUN make <all>"])
OTHER = image([APP], tags=["bare:1"])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    bring(tmp_path, docker_save(BUILT), cast.team)
    return Image.objects.get(image_id=BUILT.id)


def address(diff_id: str = APP.diff_id, query: str = "") -> str:
    return f"/layers/{diff_id}/{query}"


def text_of(cast: Cast, query: str = "", diff_id: str = APP.diff_id) -> str:
    return cast.client(cast.alice).get(address(diff_id, query)).content.decode()


def test_the_readouts_say_what_it_is_and_what_it_hides(cast: Cast, shop: Image):
    text = text_of(cast)
    assert f'Layer <span class="mono">{APP.diff_id[7:19]}</span>' in text
    assert "as docker history" in text
    assert '<data value="102" title="102 bytes">' in text
    assert "<dt>Hides from below</dt><dd>" in text
    assert 'title="512 bytes"' in text  # motd, issue, and all of the cache
    assert "1 file" not in text
    assert "2 files, 0 folders" in text


def test_it_says_which_step_of_which_image_made_it(cast: Cast, shop: Image):
    text = text_of(cast)
    assert f'<a href="/images/{BUILT.id}/">shop:1</a>, step 2' in text
    assert "RUN make &lt;all&gt;" in text


def test_changes_are_told_against_the_chain_of_the_image_one_came_from(cast: Cast, shop: Image, tmp_path: Path):
    bring(tmp_path, docker_save(OTHER), cast.team)
    on_base = json.loads(cast.client(cast.alice).get(address(query=f"?image={BUILT.id}&format=json")).content)
    alone = json.loads(cast.client(cast.alice).get(address(query=f"?image={OTHER.id}&format=json")).content)
    assert (on_base["added"], on_base["modified"], on_base["removed"]) == (1, 1, 3)
    assert (alone["added"], alone["modified"], alone["removed"]) == (2, 0, 0)
    assert (on_base["hides"], alone["hides"]) == (512, 0)
    text = text_of(cast, f"?image={OTHER.id}")
    assert "One layer, one blob, two chains" in text
    assert f'href="?image={BUILT.id}"' in text
    assert f'href="?image={OTHER.id}" aria-current="true"' in text


def test_entries_say_how_they_changed(cast: Cast, shop: Image):
    text = text_of(cast, "?open=etc")
    row = text[text.index('title="etc/motd"') :].partition("</tr>")[0]
    assert '<span class="change modified">~ <span class="w">content</span></span>' in row
    gone = text[text.index('title="etc/.wh.issue"') :].partition("</tr>")[0]
    assert '<span class="gone">issue</span>' in gone
    assert "hides 7 B" in gone


def test_an_opaque_marker_says_how_much_it_empties(cast: Cast, shop: Image):
    text = text_of(cast, "?open=cache")
    row = text[text.index('title="cache/.wh..wh..opq"') :].partition("</tr>")[0]
    assert "hides 500 B" in row
    assert "opaque" in row


def test_a_layer_above_one_that_is_missing_has_no_changes(cast: Cast, tmp_path: Path):
    members = oci_layout(BUILT)
    del members["blobs/sha256/" + BASE.digest.removeprefix("sha256:")]
    bring(tmp_path, members, cast.team)
    text = text_of(cast)
    assert "<dt>Changes</dt><dd>not known</dd><dd>a layer below it was not read</dd>" in text
    assert "Hides from below" not in text
    assert 'title="srv/app"' in text


def test_only_images_and_teams_of_the_viewer_are_named(cast: Cast, shop: Image, tmp_path: Path):
    bring(tmp_path, docker_save(OTHER), cast.other_team)
    text = text_of(cast)
    assert "Used by 1 image of one team" in text
    assert "bare" not in text
    assert "Charlie" not in text
    assert "One layer, one blob, one chain" in text


def test_a_blob_that_only_another_team_brought_is_not_told(cast: Cast, shop: Image, tmp_path: Path):
    gz = image([BuiltLayer(APP.tar, "gzip")], tags=["gz:1"])
    bring(tmp_path, oci_layout(gz), cast.other_team)
    assert Layer.objects.get(diff_id=APP.diff_id).blobs.count() == 2
    assert gz.layers[0].digest not in text_of(cast)
    bring(tmp_path, oci_layout(gz), cast.team)
    assert gz.layers[0].digest in text_of(cast)
    assert "Carried as gzip" in text_of(cast)


def test_the_empty_layer_is_named(cast: Cast, tmp_path: Path):
    empty = layer()
    bring(tmp_path, docker_save(image([BASE, empty])), cast.team)
    text = text_of(cast, diff_id=empty.diff_id)
    assert "The empty layer: a tar without an entry" in text
    assert "No bytes to draw" in text


def test_findings_are_listed(cast: Cast, tmp_path: Path):
    twice = layer([("etc/motd", b"one"), ("etc/motd", b"two")])
    bring(tmp_path, docker_save(image([twice])), cast.team)
    assert "duplicate-entry" in text_of(cast, diff_id=twice.diff_id)


def test_the_listing_answers_alone_where_htmx_asks_for_it(cast: Cast, shop: Image):
    response = cast.client(cast.alice).get(address(query="?change=modified"), headers={"HX-Target": "entries"})
    text = response.content.decode()
    assert text.strip().startswith('<div class="found" id="entries">')
    assert 'title="etc/motd"' in text
    assert 'title="srv/app"' not in text


@pytest.mark.parametrize(("part", "rows"), [("images", 1), ("map", 1)])
def test_the_tables_have_their_twins(cast: Cast, shop: Image, part: str, rows: int):
    client = cast.client(cast.alice)
    assert len(json.loads(client.get(address(query=f"?part={part}&format=json")).content)[part]) >= rows
    assert client.get(address(query=f"?part={part}&format=csv"))["Content-Type"].startswith("text/csv")


def test_the_page_stays_within_its_budget_however_many_images_use_the_layer(cast: Cast, tmp_path: Path):
    for number in range(6):
        top = layer({f"file{number}": b"x"})
        bring(tmp_path, docker_save(image([BASE, APP, top], tags=[f"app:{number}"])), cast.team)
    assert get_within_budget(cast.client(cast.alice), address()).status_code == 200


def test_team_access_works(cast: Cast, shop: Image):
    assert cast.client(cast.bob).get(address()).status_code == 200


def test_a_bad_id_gives_404(cast: Cast, shop: Image):
    client = cast.client(cast.alice)
    assert client.get(address(UNKNOWN)).status_code == 404
    assert client.get("/layers/nonsense/").status_code == 404
    assert client.get(address(query="?part=nonsense&format=json")).status_code == 404


def test_ownership_is_checked(cast: Cast, shop: Image):
    for query in ("", "?format=json", "?part=images&format=csv"):
        assert cast.client(cast.charlie).get(address(query=query)).status_code == 404
    assert Client().get(address()).status_code == 302
