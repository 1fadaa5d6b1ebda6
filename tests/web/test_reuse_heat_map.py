"""The heat map: what every two images share, families where they are many, for who may see it."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Chain
from tests.cast import Cast
from tests.rows import add_image, diff_id
from tests.web.budget import get_within_budget

PAGE = "/reuse/heat-map/"
BASE = {"base": 1_048_576}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """Alice's team holds a base, two images on it, and one that has a layer of theirs on another parent."""
    add_image(cast.team, ["base"], layers=BASE)
    add_image(cast.team, ["web"], layers={**BASE, "lib": 4096, "web": 1024})
    add_image(cast.team, ["fat"], layers={**BASE, "lib": 4096, "fat": 2048})
    add_image(cast.team, ["odd"], layers={"other": 512, "lib": 4096})
    add_image(cast.other_team, ["secret"], layers={**BASE, "secret": 7})
    return cast


def page(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def figure(text: str) -> Any:
    found = re.search(r'<script id="heat-figure" type="application/json">(.*?)</script>', text)
    assert found
    return json.loads(found[1])


def shared(client: Client, address: str) -> dict[tuple[str, ...], int]:
    pairs = client.get(f"{address}{'&' if '?' in address else '?'}format=json").json()["pairs"]
    return {tuple(sorted((pair["one"], pair["other"]))): pair["shared"] for pair in pairs}


@pytest.mark.usefixtures("db")
def test_who_is_not_logged_in_is_asked_to():
    assert Client().get(PAGE).status_code == 302


def test_by_chains_what_lies_on_another_parent_is_not_shared(shelf: Cast):
    assert shared(shelf.client(shelf.alice), PAGE) == {
        ("fat", "web"): 1_052_672,
        ("base", "web"): 1_048_576,
        ("base", "fat"): 1_048_576,
        ("odd", "web"): 0,
        ("fat", "odd"): 0,
        ("base", "odd"): 0,
    }


def test_by_layers_it_is(shelf: Cast):
    found = shared(shelf.client(shelf.alice), PAGE + "?key=layer")
    assert (found["odd", "web"], found["fat", "odd"], found["base", "odd"]) == (4096, 4096, 0)
    assert found["fat", "web"] == 1_052_672


def test_the_title_names_the_pair_that_shares_the_most(shelf: Cast):
    assert "50.0 % of all pairs share something; fat and web the most, 1.00 MiB" in page(shelf.client(shelf.alice))


def test_where_all_share_the_title_says_how_much_at_least(cast: Cast):
    for name in ("one", "two", "three"):
        add_image(cast.team, [name], layers={**BASE, name: 10})
    assert "Every two of 3 images share at least 1.00 MiB" in page(cast.client(cast.alice))


def test_where_nothing_is_shared_the_title_says_so(cast: Cast):
    add_image(cast.team, ["one"], layers={"one": 10})
    assert "One image has nobody to share with" in page(cast.client(cast.alice))
    add_image(cast.team, ["two"], layers={"two": 10})
    assert "None of these 2 images shares a byte with another" in page(cast.client(cast.alice))


def test_a_cell_is_the_part_of_the_smaller_one(shelf: Cast):
    drawn = figure(page(shelf.client(shelf.alice)))
    names = drawn["layout"]["yaxis"]["ticktext"]
    web, base = names.index("web"), names.index("base")
    trace = drawn["data"][0]
    assert (trace["z"][web][base], trace["customdata"][web][base]) == (1.0, 1_048_576)
    assert trace["z"][web][web] is None
    assert drawn["cells"]["opens"] == ["", "", "", ""]
    assert drawn["cells"]["picks"][web].startswith("image=sha256")


def test_many_images_are_families_that_open(shelf: Cast):
    for base in range(30):
        own = {**BASE, f"base{base}": 5000 + base}
        for number in range(4):
            add_image(shelf.team, [f"app{base}-{number}"], layers={**own, f"app{base}-{number}": 10 + number})
    client = shelf.client(shelf.alice)
    document = client.get(PAGE + "?format=json").json()
    assert len(document["rows"]) <= 64
    assert sum(row["images"] for row in document["rows"]) == 124
    family = next(row for row in document["rows"] if row["images"] == 4)
    assert re.fullmatch(r"4 on \w+", family["name"])
    opened = client.get(family["opens"] + "&format=json").json()
    assert [row["images"] for row in opened["rows"]] == [1, 1, 1, 1]
    assert {pair["shared"] for pair in opened["pairs"]} == {
        Chain.objects.get(chain_id=re.search(r"at=(sha256:\w+)", family["opens"])[1]).size  # type: ignore[index]
    }
    assert "A click opens a family" in page(client)


def test_the_key_and_the_scope_stay_in_the_addresses(shelf: Cast):
    for number in range(70):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": 9})
    drawn = figure(page(shelf.client(shelf.alice), f"{PAGE}?key=layer&team={shelf.team.slug}"))
    opens = [address for address in drawn["cells"]["opens"] if address]
    assert opens
    assert all("key=layer" in address and f"team={shelf.team.slug}" in address for address in opens)


def test_the_pairs_have_a_csv_twin(shelf: Cast):
    response = shelf.client(shelf.alice).get(PAGE + "?format=csv")
    assert response["Content-Disposition"] == 'attachment; filename="pairs.csv"'
    lines = response.content.decode().splitlines()
    assert lines[0] == "one,other,shared,share,one_image_id,other_image_id,one_images,other_images"
    assert len(lines) == 7


def test_names_are_data(cast: Cast):
    for name in ("one", "two"):
        image = add_image(cast.team, [name], layers={**BASE, name: 1})
        image.references.update(repository=f"docker.io/library/<b>{name}</b>", tag="latest")
    text = page(cast.client(cast.alice))
    assert "<b>one</b>" not in text
    assert "&lt;b&gt;one&lt;/b&gt;" in json.dumps(figure(text))


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    for number in range(30):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
    assert get_within_budget(shelf.client(shelf.alice), PAGE).status_code == 200


def test_team_access_works(shelf: Cast):
    assert len(shared(shelf.client(shelf.bob), PAGE)) == 6


@pytest.mark.parametrize("query", ["at=sha256:" + "0" * 64, "from=x", "key=blob"])
def test_a_bad_place_or_key_gives_404(shelf: Cast, query: str):
    assert shelf.client(shelf.alice).get(f"{PAGE}?{query}").status_code == 404


def test_ownership_is_checked(shelf: Cast):
    client = shelf.client(shelf.charlie)
    assert [row["name"] for row in client.get(PAGE + "?format=json").json()["rows"]] == ["secret"]
    lib = Chain.objects.get(layer__diff_id=diff_id("lib"), depth=1, parent__layer__diff_id=diff_id("base"))
    assert client.get(f"{PAGE}?at={lib.chain_id}").status_code == 404
