"""The table of images: figures, filters, sort and pages in the address, twins."""

import csv
import io

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from analyzer.models import Reference, ReferenceMove
from tests.cast import Cast
from tests.rows import add_image, diff_id
from tests.web.budget import get_within_budget

BASE = {"base": 1000}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    add_image(cast.team, ["base:1"], layers=BASE, waste=5)
    add_image(cast.team, ["web"], layers={**BASE, "web": 200}, waste=15, architecture="arm64", variant="v8")
    add_image(cast.team, ["data/app:2"], layers={**BASE, "data": 30})
    add_image(cast.other_team, ["secret"], layers={"secret": 7})
    return cast


def rows(client: Client, query: str = "") -> list[dict[str, object]]:
    document = client.get(f"/images/?format=json{query}").json()
    return list(document["images"])


def names(client: Client, query: str) -> list[str]:
    return [str(row["references"][0]).rpartition("/")[2] for row in rows(client, query)]  # type: ignore[index]


def test_figures_are_those_of_docker(shelf: Cast):
    web = rows(shelf.client(shelf.alice), "&q=web")[0]
    base = rows(shelf.client(shelf.alice), "&q=base")[0]
    assert (web["size"], web["shared"], web["unique"], web["own_size"]) == (1200, 1000, 200, 200)
    assert (web["waste"], web["own_waste"], web["inherited_waste"]) == (15, 10, 5)
    assert web["base"] == base["image_id"]
    assert (base["shared"], base["unique"], base["base"]) == (1000, 0, None)


def test_the_page_names_images_as_people_do(shelf: Cast):
    text = shelf.client(shelf.alice).get("/images/").content.decode()
    assert "3 images, 3.15 KiB" in text
    for name in (">web</a>", ">base:1</a>", ">data/app:2</a>"):
        assert name in text


def test_an_image_that_lacks_a_layer_has_no_figures_but_a_row(shelf: Cast):
    add_image(shelf.team, ["legacy"], layers={**BASE, "gone": 9}, missing=["gone"])
    row = rows(shelf.client(shelf.alice), "&q=legacy")[0]
    assert [row[name] for name in ("size", "shared", "unique", "waste", "efficiency")] == [None] * 5
    assert "legacy" in shelf.client(shelf.alice).get("/images/").content.decode()


def test_the_search_finds_references_and_the_start_of_an_id(shelf: Cast):
    client = shelf.client(shelf.alice)
    image_id = str(rows(client, "&q=web")[0]["image_id"])
    assert names(client, "&q=app:2") == ["app:2"]
    assert names(client, "&q=docker.io/library/base") == ["base:1"]
    assert names(client, f"&q={image_id[7:15]}") == ["web:latest"]
    assert names(client, f"&q={image_id}") == ["web:latest"]
    assert names(client, "&q=library") == []


def test_an_image_whose_name_has_moved_stands_below_the_one_that_has_it(shelf: Cast):
    old = Reference.objects.get(repository="docker.io/library/web")
    ReferenceMove.objects.create(reference=old, image=old.image, image_digest=old.image.image_id)
    add_image(shelf.team, ["web"], layers={**BASE, "newer": 300})
    add_image(shelf.team, [], layers={"nameless": 300})
    client = shelf.client(shelf.alice)
    assert "was web</span>" in client.get("/images/").content.decode()
    assert [bool(row["references"]) for row in rows(client)] == [True, True, True, False, False]
    assert [row["image_id"] for row in rows(client, "&q=web")][1:] == [old.image.image_id]


def test_filters_narrow_by_platform_team_layer_and_base(shelf: Cast):
    client = shelf.client(shelf.alice)
    base = str(rows(client, "&q=base")[0]["image_id"])
    assert names(client, "&platform=linux/arm64/v8") == ["web:latest"]
    assert len(names(client, f"&team={shelf.team.slug}")) == 3
    assert names(client, f"&layer={diff_id('data')}") == ["app:2"]
    assert sorted(names(client, f"&base={base}")) == ["app:2", "web:latest"]


def test_the_sort_stands_in_the_address(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert names(client, "&sort=-size") == ["web:latest", "app:2", "base:1"]
    assert names(client, "&sort=unique") == ["base:1", "app:2", "web:latest"]
    assert 'aria-sort="descending"' in client.get("/images/?sort=-size").content.decode()


@pytest.mark.parametrize("query", ["sort=%3Cb%3E", "sort=--size", "sort=strip", "sort=", "sort=%00", "per_page=0"])
def test_a_column_that_there_is_none_of_leaves_the_usual_order(shelf: Cast, query: str):
    client = shelf.client(shelf.alice)
    assert names(client, f"&{query}") == ["base:1", "app:2", "web:latest"]
    assert names(client, f"&{query}&sort=-size") == ["web:latest", "app:2", "base:1"]
    assert 'aria-sort="ascending"' in client.get(f"/images/?{query}").content.decode()


def test_figures_are_sorted_from_the_largest_first_and_then_the_other_way(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert 'href="?sort=-size"' in client.get("/images/").content.decode()
    assert 'href="?sort=size"' in client.get("/images/?sort=-size").content.decode()
    assert 'href="?sort=platform"' in client.get("/images/").content.decode()


def test_pages_hold_a_limited_number_and_keep_the_filters(shelf: Cast, settings: Settings):
    settings.PAGE_SIZE = 2
    client = shelf.client(shelf.alice)
    first = client.get("/images/?sort=-size").content.decode()
    assert "1–2 of 3" in first
    assert "?sort=-size&amp;page=2" in first
    assert ">base:1</a>" in client.get("/images/?sort=-size&page=2").content.decode()
    assert client.get("/images/?page=99").status_code == 200


def test_htmx_gets_the_table_alone(shelf: Cast):
    response = shelf.client(shelf.alice).get("/images/?q=web", headers={"HX-Request": "true"})
    text = response.content.decode()
    assert "<html" not in text
    assert "1 of 3 images" in text
    assert "HX-Request" in response["Vary"]


def test_the_csv_twin_neutralises_what_a_spreadsheet_would_run(shelf: Cast):
    add_image(shelf.team, ["x"], layers={"x": 1}, os="=cmd()", architecture=None)
    response = shelf.client(shelf.alice).get("/images/?format=csv")
    table = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert "'=cmd()" in {row["platform"] for row in table}
    assert {row["size"] for row in table} == {"1000", "1200", "1030", "1"}


def test_a_filter_that_makes_no_sense_is_passed_over(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert len(names(client, "&platform=plan9/68k")) == 3
    assert len(names(client, "&team=nobody")) == 3
    assert names(client, "&layer=nothing") == []


def test_without_images_the_page_says_how_to_bring_one(cast: Cast):
    assert "Nothing has come in yet." in cast.client(cast.alice).get("/images/").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    for number in range(60):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
    assert get_within_budget(shelf.client(shelf.alice), "/images/").status_code == 200


def test_team_access_works(shelf: Cast):
    assert len(rows(shelf.client(shelf.bob))) == 3


def test_a_bad_format_is_the_page_itself(shelf: Cast):
    assert "<html" in shelf.client(shelf.alice).get("/images/?format=xml").content.decode()


def test_ownership_is_checked(shelf: Cast):
    assert names(shelf.client(shelf.charlie), "") == ["secret:latest"]
    assert Client().get("/images/").status_code == 302
