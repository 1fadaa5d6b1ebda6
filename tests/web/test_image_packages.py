"""The packages of an image and of a layer: what the databases say, who brought each version, what is not known."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Image, LayerPackage
from analyzer.services.indexing import ensure_indexed
from tests.archives import Whiteout, docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring, run_job
from tests.web.budget import get_within_budget

UNKNOWN = f"sha256:{'0' * 64}"


def stanza(name: str, version: str) -> str:
    return f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n"


STATUS = "var/lib/dpkg/status"
SITE = "usr/lib/python3/dist-packages/"
MODULES = "app/node_modules/"
BASE = layer(
    {
        STATUS: "\n".join([stanza("bash", "5.1"), stanza("libssl3", "3.0.1"), stanza("old", "1")]).encode(),
        SITE + "six-1.16.0.dist-info/METADATA": b"Name: six\nVersion: 1.16.0\n",
        MODULES + "left-pad/package.json": json.dumps({"name": "left-pad", "version": "1.3.0"}).encode(),
    }
)
APP = layer(
    {
        STATUS: "\n".join([stanza("bash", "5.1"), stanza("libssl3", "3.0.2"), stanza("<b>new</b>", "=2")]).encode(),
        MODULES + "left-pad/package.json": Whiteout(),
    }
)
BUILT = image([BASE, APP], tags=["shop:1"])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    run_job(tmp_path, docker_save(BUILT), cast.team)
    ensure_indexed()
    return Image.objects.get()


def address(query: str = "format=json", image_id: str = BUILT.id) -> str:
    return f"/images/{image_id}/packages/?{query}"


def tab(cast: Cast, query: str = "") -> str:
    return cast.client(cast.alice).get(f"/images/{BUILT.id}/?tab=packages{query}").content.decode()


def document(cast: Cast, query: str = "format=json") -> Any:
    return json.loads(cast.client(cast.alice).get(address(query)).content)


def test_only_what_the_uppermost_database_says_is_installed(cast: Cast, shop: Image):
    rows = [(row["kind"], row["name"], row["version"]) for row in document(cast)["packages"]]
    assert rows == [
        ("dpkg", "<b>new</b>", "=2"),
        ("dpkg", "bash", "5.1"),
        ("dpkg", "libssl3", "3.0.2"),
        ("python", "six", "1.16.0"),
    ]


def test_each_version_names_the_layer_that_brought_it_and_what_stood_there(cast: Cast, shop: Image):
    rows = {row["name"]: (row["layer"], row["before"]) for row in document(cast)["packages"]}
    assert rows == {"bash": (0, None), "libssl3": (1, "3.0.1"), "<b>new</b>": (1, None), "six": (0, None)}


def test_the_tab_shows_them_as_data(cast: Cast, shop: Image):
    text = tab(cast)
    assert "4 packages: 3 by dpkg, 1 by python" in text
    assert "&lt;b&gt;new&lt;/b&gt;" in text
    assert "<b>new" not in text
    assert "was 3.0.1" in text
    assert "six" not in tab(cast, "&kind=dpkg").partition('id="about-title"')[2]
    assert f"/images/{BUILT.id}/packages/?kind=dpkg&amp;format=csv" in tab(cast, "&kind=dpkg")


def test_the_csv_twin_runs_nothing(cast: Cast, shop: Image):
    response = cast.client(cast.alice).get(address("format=csv&kind=dpkg"))
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [row["version"] for row in rows] == ["'=2", "5.1", "3.0.2"]


def test_the_layer_tells_what_it_brought(cast: Cast, shop: Image):
    text = cast.client(cast.alice).get(f"/layers/{APP.diff_id}/").content.decode()
    assert "It brings 1 package and changes 1" in text
    base = cast.client(cast.alice).get(f"/layers/{BASE.diff_id}/").content.decode()
    assert "It brings 5 packages" in base
    twin = cast.client(cast.alice).get(f"/layers/{APP.diff_id}/?part=packages&format=json")
    assert [row["name"] for row in json.loads(twin.content)["packages"]] == ["<b>new</b>", "libssl3"]


def test_what_was_not_kept_is_not_known_and_the_listing_tells_what_it_can(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(BUILT), cast.team)
    text = tab(cast)
    assert "2 layers are still to be read" in text
    ensure_indexed()
    text = tab(cast)
    assert "1 package installed by python" in text
    assert "A file of dpkg could not be read" in text
    assert document(cast)["unread"] == {"dpkg": 1}


def test_an_image_without_packages_says_so(cast: Cast, tmp_path: Path):
    built = image([layer({"hello": b"x"})])
    run_job(tmp_path, docker_save(built), cast.team)
    ensure_indexed()
    page = cast.client(cast.alice).get(f"/images/{built.id}/?tab=packages").content.decode()
    assert "No package database" in page
    assert not LayerPackage.objects.exists()


def test_names_that_a_database_cannot_hold_are_mended(cast: Cast, tmp_path: Path):
    package = rb'{"name": "a\u0000\ud800", "version": "1"}'
    built = image([layer({"node_modules/a/package.json": package})])
    run_job(tmp_path, docker_save(built), cast.team)
    ensure_indexed()
    assert LayerPackage.objects.get().name == "a?"


def test_the_address_without_a_format_leads_to_the_tab(cast: Cast, shop: Image):
    response = cast.client(cast.alice).get(address(""))
    assert response["Location"] == f"/images/{BUILT.id}/?tab=packages#about"


def test_the_view_stays_within_its_budget(cast: Cast, shop: Image):
    assert get_within_budget(cast.client(cast.alice), address()).status_code == 200


def test_team_access_works(cast: Cast, shop: Image):
    assert cast.client(cast.bob).get(address()).status_code == 200


def test_a_bad_id_gives_404(cast: Cast, shop: Image):
    assert cast.client(cast.alice).get(address(image_id=UNKNOWN)).status_code == 404


def test_ownership_is_checked(cast: Cast, shop: Image):
    assert cast.client(cast.charlie).get(address()).status_code == 404
    assert Client().get(address()).status_code == 302
