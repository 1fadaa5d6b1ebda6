"""The chain forest: what carries what, at every place of it, for who may see it."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Chain, Team
from tests.cast import Cast
from tests.rows import add_image, diff_id
from tests.web.budget import get_within_budget

PAGE = "/reuse/forest/"
BASE = {"base": 1_048_576}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """Alice's team holds a base and two images on it; Charlie's team holds one of its own."""
    add_image(cast.team, ["base"], layers=BASE)
    add_image(cast.team, ["web"], layers={**BASE, "web": 1024})
    add_image(cast.team, ["fat"], layers={**BASE, "lib": 4096, "fat": 2048})
    add_image(cast.other_team, ["secret"], layers={**BASE, "secret": 7})
    return cast


def page(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def figure(text: str) -> Any:
    found = re.search(r'<script id="forest-figure" type="application/json">(.*?)</script>', text)
    assert found
    return json.loads(found[1])


def chain_of(word: str) -> str:
    return str(Chain.objects.get(layer__diff_id=diff_id(word)).chain_id)


@pytest.mark.usefixtures("db")
def test_who_is_not_logged_in_is_asked_to():
    assert Client().get(PAGE).status_code == 302


def test_the_title_says_which_layer_carries_the_images(shelf: Cast):
    assert "base carries all 3 images: 1.00 MiB stored once instead of 3 times" in page(shelf.client(shelf.alice))


def test_a_box_is_as_wide_as_all_that_stands_on_it(shelf: Cast):
    layers, _ = figure(page(shelf.client(shelf.alice)))["data"]
    assert layers["x"] == [1_055_744, 6144, 1024, 2048]
    assert layers["base"] == [0, 0, 6144, 0]
    assert "1,048,576 bytes, in 3 images; 1,055,744 bytes from here up" in layers["hovertext"][0]


def test_a_click_goes_deeper_and_the_trail_leads_back(shelf: Cast):
    client = shelf.client(shelf.alice)
    layers, _ = figure(page(client))["data"]
    lib = next(address for address in layers["customdata"] if chain_of("lib").removeprefix("sha256:") in address)
    text = page(client, lib)
    assert figure(text)["data"][0]["x"] == [6144, 2048]
    assert f'<a href="{PAGE}">All chains</a>' in text
    assert re.search(r'<a href="/reuse/forest/\?at=[^"]+">base</a>', text)


def test_what_nothing_stands_on_leads_to_its_layer(shelf: Cast):
    layers, _ = figure(page(shelf.client(shelf.alice)))["data"]
    assert layers["customdata"][-1] == f"/layers/{diff_id('fat')}/"


def test_the_widths_of_all_chains_add_up_to_the_unique_chains_of_the_ladder(shelf: Cast):
    client = shelf.client(shelf.alice)
    document = client.get(PAGE + "?format=json").json()
    ladder = client.get("/?part=ladder&format=json").json()["ladder"]
    assert sum(row["size"] for row in document["chains"]) == document["size"] == ladder[1]["size"]
    assert [row["images"] for row in document["chains"]] == [3, 1, 1, 1]
    assert document["chains"][2]["references"] == ["docker.io/library/fat:latest"]
    assert document["chains"][1]["parent"] == document["chains"][0]["chain_id"]


def test_the_twins_are_of_the_place_that_is_shown(shelf: Cast):
    client = shelf.client(shelf.alice)
    document = client.get(f"{PAGE}?at={chain_of('lib')}&format=json").json()
    assert (document["at"], document["images"], document["size"]) == (chain_of("lib"), 1, 6144)
    response = client.get(f"{PAGE}?from=0&at={chain_of('base')}&format=csv")
    assert response["Content-Disposition"] == 'attachment; filename="chains.csv"'
    assert len(response.content.decode().splitlines()) == 4


def test_many_small_branches_stand_in_one_box_that_opens(shelf: Cast):
    for number in range(330):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": 100_000 if number == 7 else 9})
    client = shelf.client(shelf.alice)
    layers, more = figure(page(client))["data"]
    assert len(layers["x"]) + len(more["x"]) <= 300
    assert "330 more branches" in more["hovertext"][0]
    opened = figure(page(client, more["customdata"][0]))["data"]
    assert sum(opened[0]["x"]) + sum(opened[1]["x"]) == more["x"][0]


def test_a_run_of_layers_is_one_box_where_there_are_many(shelf: Cast):
    layers = {f"step{number}": 1000 + number for number in range(130)}
    add_image(shelf.other_team, ["long"], layers=layers)
    text = page(shelf.client(shelf.charlie))
    assert "Layers that carry only each other are one box" in text
    assert f"{diff_id('step129')[7:19]} and 129 more" in str(figure(text)["data"][0]["hovertext"])


def test_an_image_that_lacks_a_layer_is_left_out_and_said_so(shelf: Cast):
    add_image(shelf.team, ["legacy"], layers={**BASE, "gone": 5}, missing=["gone"])
    text = page(shelf.client(shelf.alice))
    assert "base carries all 3 images" in text
    assert "1 image that lacks a layer is left out" in text


def test_where_no_image_shares_the_title_says_so(cast: Cast):
    add_image(cast.team, ["one"], layers={"one": 5})
    add_image(cast.team, ["two"], layers={"two": 5})
    assert "2 images on 2 layers of their own: none carries another" in page(cast.client(cast.alice))


def test_without_any_image_it_says_what_to_do(cast: Cast):
    assert "Add images" in page(cast.client(cast.alice))


def test_the_scope_stays_in_the_addresses(shelf: Cast):
    text = page(shelf.client(shelf.alice), f"{PAGE}?team={shelf.team.slug}")
    assert f"team={shelf.team.slug}" in figure(text)["data"][0]["customdata"][1]


def test_names_are_data(cast: Cast):
    image = add_image(cast.team, ["base"], layers=BASE)
    image.references.update(repository="docker.io/library/<b>x</b>", tag="latest")
    text = page(cast.client(cast.alice))
    assert "<b>x</b>" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in json.dumps(figure(text))


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    for number in range(30):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
    assert get_within_budget(shelf.client(shelf.alice), PAGE).status_code == 200


def test_team_access_works(shelf: Cast):
    assert "base carries all 3 images" in page(shelf.client(shelf.bob))


@pytest.mark.parametrize("query", ["at=sha256:" + "0" * 64, "at=x", "from=x", "from=-1", "from=99999999999", "from=5"])
def test_a_bad_place_gives_404(shelf: Cast, query: str):
    assert shelf.client(shelf.alice).get(f"{PAGE}?{query}").status_code == 404


def test_ownership_is_checked(shelf: Cast):
    client = shelf.client(shelf.charlie)
    document = client.get(PAGE + "?format=json").json()
    assert [row["diff_id"] for row in document["chains"]] == [diff_id("base"), diff_id("secret")]
    assert client.get(f"{PAGE}?at={chain_of('fat')}").status_code == 404
    assert client.get(f"{PAGE}?team={Team.objects.get(pk=shelf.team.pk).slug}").status_code == 404
