"""The Waste page: lines that sum to the waste, with instructions and remedies; lenses; twins."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Image
from tests.archives import File, Whiteout, docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.taking import bring
from tests.web.budget import get_within_budget

BASE = layer({"etc/motd": b"hello" * 20, "usr/share/doc": b"d" * 300})
COPIED = layer({"srv/model.bin": b"m" * 1000, "srv/conf": b"c" * 50})
OWNED = layer({"srv/model.bin": File(data=b"m" * 1000, uid=1000)})
REMOVED = layer({"srv/conf": Whiteout(), "usr/share/doc": Whiteout(), "srv/again": b"m" * 1000})
STEPS = [
    "",
    "COPY model.bin conf /srv/ # buildkit",
    "RUN /bin/sh -c chown -R 1000 /srv/model.bin # buildkit",
    "RUN /bin/sh -c rm /srv/conf <b> # buildkit",
]
LOWER = image([BASE], tags=["base:1"], history=STEPS[:1])
BUILT = image([BASE, COPIED, OWNED, REMOVED], tags=["shop:1"], history=STEPS)


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    bring(tmp_path, docker_save(LOWER), cast.team, name="base.tar")
    bring(tmp_path, docker_save(BUILT), cast.team, name="shop.tar")
    return Image.objects.get(image_id=BUILT.id)


def address(found: Image, query: str = "") -> str:
    return f"/images/{found.image_id}/waste/{query}"


def rows(client: Client, found: Image, part: str) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = client.get(address(found, f"?part={part}&format=json")).json()[part]
    return answer


def test_each_line_names_who_brought_it_who_hid_it_and_the_remedy(cast: Cast, shop: Image):
    lines = rows(cast.client(cast.alice), shop, "lines")
    told = [(row["cause"], row["bytes"], row["brought_layer"], row["hiding_layer"]) for row in lines if row["bytes"]]
    assert told == [("superseded", 1000, 1, 2), ("deleted", 300, 0, 3), ("deleted", 50, 1, 3)]
    chown, doc, conf = (row for row in lines if row["bytes"])
    assert (chown["copied"], chown["changed"]) == (1000, ["owner"])
    assert "COPY --chown" in chown["remedy"]
    assert "base:1 brings it" in doc["remedy"]
    assert ".dockerignore" in conf["remedy"]
    assert chown["brought_by"] == "COPY model.bin conf /srv/"
    assert all(row["own"] for row in lines)


def test_the_lines_sum_to_the_waste_of_the_image(cast: Cast, shop: Image):
    client = cast.client(cast.alice)
    whole = client.get(f"/images/{shop.image_id}/?format=json").json()["waste"]["bytes"]
    assert sum(row["bytes"] for row in rows(client, shop, "lines")) == whole == 1350
    assert sum(row["bytes"] for row in rows(client, shop, "files")) == whole


def test_the_page_shows_lines_chart_and_lenses_and_names_are_data(cast: Cast, shop: Image):
    page = cast.client(cast.alice).get(address(shop)).content.decode()
    assert "RUN rm /srv/conf &lt;b&gt;" in page
    assert 'id="waste-figure"' in page
    assert "was copied for owner or mode alone" in page
    assert "1 contents" not in page
    assert "srv/model.bin" in page


def test_the_same_content_at_two_paths_is_a_lens_of_its_own(cast: Cast, shop: Image):
    (found,) = rows(cast.client(cast.alice), shop, "twice")
    assert (found["times"], found["extra"], found["paths"]) == (2, 1000, ["srv/again", "srv/model.bin"])


def test_metadata_copies_are_told_by_layer(cast: Cast, shop: Image):
    (copies,) = rows(cast.client(cast.alice), shop, "copies")
    assert (copies["layer"], copies["metadata_files"], copies["metadata_bytes"]) == (2, 1, 1000)


def test_waste_inside_the_base_is_inherited(cast: Cast, tmp_path: Path):
    base = image([COPIED, REMOVED], tags=["base:1"], history=STEPS[1:3])
    bring(tmp_path, docker_save(base), cast.team, name="base.tar")
    app = image([COPIED, REMOVED, BASE], tags=["app:1"], history=[*STEPS[1:3], "COPY a /"])
    bring(tmp_path, docker_save(app), cast.team, name="app.tar")
    lines = rows(cast.client(cast.alice), Image.objects.get(image_id=app.id), "lines")
    assert [(row["bytes"], row["own"]) for row in lines if row["bytes"]] == [(50, False)]
    assert "only its own build" in lines[0]["remedy"]


def test_with_a_compressed_blob_a_pull_is_estimated(cast: Cast, tmp_path: Path):
    layers = [layer({"a": b"x" * 50_000}, compression="gzip"), layer({"a": Whiteout()}, compression="gzip")]
    built = image(layers, tags=["zip:1"])
    bring(tmp_path, oci_layout(built), cast.team, name="zip.tar")
    (line,) = rows(cast.client(cast.alice), Image.objects.get(image_id=built.id), "lines")
    assert 0 < line["estimated_transfer"] < 50_000


def test_without_compressed_blobs_a_pull_is_not_known(cast: Cast, shop: Image):
    assert {row["estimated_transfer"] for row in rows(cast.client(cast.alice), shop, "lines")} == {None}


def test_an_image_that_lacks_a_layer_says_that_nobody_knows(cast: Cast, tmp_path: Path):
    members = docker_save(BUILT)
    del members[next(name for name, data in members.items() if data == COPIED.blob)]
    bring(tmp_path, members, cast.team, name="torn.tar")
    response = cast.client(cast.alice).get(address(Image.objects.get(image_id=BUILT.id)))
    assert "not known" in response.content.decode()


def test_the_csv_has_the_lines(cast: Cast, shop: Image):
    text = cast.client(cast.alice).get(address(shop, "?part=lines&format=csv")).content.decode()
    assert [row["bytes"] for row in csv.DictReader(io.StringIO(text))][:3] == ["1000", "300", "50"]


def test_the_api_tells_the_same(cast: Cast, shop: Image):
    client = cast.client(cast.alice)
    answer = client.get(f"/api/v1/images/{shop.image_id}/waste/").json()
    assert answer["lines"] == rows(client, shop, "lines")
    assert answer["twice"] == rows(client, shop, "twice")
    assert answer["copies"] == rows(client, shop, "copies")


def test_team_access_works(cast: Cast, shop: Image):
    assert get_within_budget(cast.client(cast.bob), address(shop)).status_code == 200


def test_a_bad_id_gives_404(cast: Cast):
    assert cast.client(cast.alice).get(f"/images/sha256:{'0' * 64}/waste/").status_code == 404


def test_a_bad_table_gives_404(cast: Cast, shop: Image):
    assert cast.client(cast.alice).get(address(shop, "?part=nothing&format=json")).status_code == 404


def test_ownership_is_checked(cast: Cast, shop: Image):
    assert cast.client(cast.charlie).get(address(shop)).status_code == 404
    assert cast.client(cast.charlie).get(f"/api/v1/images/{shop.image_id}/waste/").status_code == 404
