"""Images side by side: what they stand on drawn once across their columns, chosen without a script."""

import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.rows import add_image, diff_id
from tests.web.budget import get_within_budget

PAGE = "/reuse/grid/"
BASE = {"base": 1_048_576}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """Alice's team holds a base and two images on it; Charlie's team holds one of its own."""
    add_image(cast.team, ["base"], layers=BASE)
    add_image(cast.team, ["web"], layers={**BASE, "lib": 524_288, "web": 1024})
    add_image(cast.team, ["fat"], layers={**BASE, "lib": 524_288, "fat": 0})
    add_image(cast.other_team, ["secret"], layers={**BASE, "secret": 7})
    return cast


def page(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def cells(text: str) -> dict[str, dict[str, int]]:
    """The numbers of each cell's style by the first digits of its layer."""
    found = re.findall(r'<a class="cell[^"]*" style="(--c[^"]*?);--h[^"]*" data-layer="(\w+)"', text)
    return {digest: {k: int(v) for k, v in (part.split(":") for part in style.split(";"))} for style, digest in found}


def short(word: str) -> str:
    return diff_id(word).removeprefix("sha256:")[:12]


@pytest.mark.usefixtures("db")
def test_who_is_not_logged_in_is_asked_to():
    assert Client().get(PAGE).status_code == 302


def test_a_shared_layer_reaches_across_the_columns_of_its_images(shelf: Cast):
    drawn = cells(page(shelf.client(shelf.alice)))
    assert (drawn[short("base")]["--c"], drawn[short("base")]["--s"]) == (0, 3)
    assert (drawn[short("lib")]["--c"], drawn[short("lib")]["--s"]) == (1, 2)
    assert {drawn[short("web")]["--c"], drawn[short("fat")]["--c"]} == {1, 2}


def test_layers_are_drawn_to_scale_and_stand_on_each_other(shelf: Cast):
    drawn = cells(page(shelf.client(shelf.alice)))
    base, lib, web, fat = (drawn[short(word)] for word in ("base", "lib", "web", "fat"))
    assert base["--a"] == 2 * lib["--a"]
    assert (web["--a"], fat["--a"]) == (1, 0)
    assert lib["--b"] == base["--z"]
    assert web["--b"] == fat["--b"] == lib["--b"] + lib["--z"]


def test_by_root_of_bytes_the_small_ones_are_seen_better(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert cells(page(client, PAGE + "?scale=root"))[short("web")]["--a"] > cells(page(client))[short("web")]["--a"]
    assert client.get(PAGE + "?scale=log").status_code == 404


def test_the_title_adds_up_what_sharing_saves(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "3 images of 4.00 MiB stand on 1.50 MiB of layers: sharing saves 2.50 MiB" in text
    assert f"{short('base')}: 1,048,576 bytes, 1 file, in 3 images; saves 2,097,152 bytes" in text


def test_images_are_chosen_by_what_people_call_them_or_by_their_id(shelf: Cast):
    client = shelf.client(shelf.alice)
    web = shelf.team.images.get(references__repository="docker.io/library/web")
    for names in (["web", "fat"], [web.image_id, "docker.io/library/fat:latest"], [web.image_id[7:19], "fat", "web"]):
        document = client.get(PAGE, {"image": names, "format": "json"}).json()
        assert {text for image in document["images"] for text in image["references"]} == {
            "docker.io/library/web:latest",
            "docker.io/library/fat:latest",
        }
        saves = {row["diff_id"]: row["saves"] for row in document["layers"]}
        assert saves == {diff_id("base"): 1_048_576, diff_id("lib"): 524_288, diff_id("web"): 0, diff_id("fat"): 0}


def test_one_image_alone_and_images_that_share_nothing_are_told_so(shelf: Cast):
    add_image(shelf.team, ["other"], layers={"other": 1024})
    client = shelf.client(shelf.alice)
    assert "base stands on 1.00 MiB of layers" in page(client, PAGE + "?image=base")
    assert "2 images of 1.00 MiB share nothing" in page(client, PAGE + "?image=base&image=other")


def test_of_a_large_scope_the_first_are_drawn_and_others_can_be_found(shelf: Cast):
    for number in range(70):
        add_image(shelf.team, [f"app{number:02}"], layers={**BASE, f"app{number}": number + 1})
    client = shelf.client(shelf.alice)
    text = page(client)
    assert "12 of 73 images, the first of the forest" in text
    assert text.count(" checked>") == 12
    assert "app05" not in page(client, PAGE + "?find=app6&image=web")
    assert "app65" in page(client, PAGE + "?find=app6&image=web")


def test_more_than_thirty_are_cut_and_said_so(shelf: Cast):
    for number in range(33):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
    text = page(shelf.client(shelf.alice), PAGE + "?" + "&".join(f"image=app{number}" for number in range(33)))
    assert "30 images are the most; 3 more were chosen" in text
    assert cells(text)[short("base")]["--s"] == 30


def test_many_layers_that_carry_only_each_other_are_one_cell(shelf: Cast):
    add_image(shelf.other_team, ["long"], layers={f"step{number}": 1000 + number for number in range(170)})
    text = page(shelf.client(shelf.charlie), PAGE + "?image=long")
    assert len(cells(text)) == 1
    assert "in 170 layers, 170 files" in text


def test_an_image_without_a_column_is_named(shelf: Cast):
    add_image(shelf.team, ["legacy"], layers={**BASE, "gone": 5}, missing=["gone"])
    assert "a layer is missing or there is none: legacy" in page(
        shelf.client(shelf.alice), PAGE + "?image=legacy&image=web"
    )


def test_the_layers_have_a_csv_twin(shelf: Cast):
    response = shelf.client(shelf.alice).get(PAGE + "?image=web&format=csv")
    assert response["Content-Disposition"] == 'attachment; filename="layers.csv"'
    assert len(response.content.decode().splitlines()) == 4


def test_the_form_keeps_the_scope(shelf: Cast):
    text = page(shelf.client(shelf.alice), f"{PAGE}?team={shelf.team.slug}&scale=root")
    assert f'<input type="hidden" name="team" value="{shelf.team.slug}">' in text
    assert '<input type="hidden" name="scale" value="root">' in text


def test_names_are_data(cast: Cast):
    image = add_image(cast.team, ["base"], layers=BASE)
    image.references.update(repository="docker.io/library/<b>x</b>", tag="latest")
    assert "<b>x</b>" not in page(cast.client(cast.alice))


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    for number in range(30):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
    assert get_within_budget(shelf.client(shelf.alice), PAGE + "?image=web&image=app3").status_code == 200


def test_team_access_works(shelf: Cast):
    assert "3 images of 4.00 MiB" in page(shelf.client(shelf.bob))


@pytest.mark.parametrize("name", ["nothing", "sha256:" + "0" * 64, "s", ""])
def test_a_bad_name_gives_404(shelf: Cast, name: str):
    assert shelf.client(shelf.alice).get(PAGE, {"image": name}).status_code == 404


def test_ownership_is_checked(shelf: Cast):
    client = shelf.client(shelf.charlie)
    assert "secret stands on 1.00 MiB of layers" in page(client)
    web = shelf.team.images.get(references__repository="docker.io/library/web")
    for name in ("web", web.image_id, web.image_id[7:19]):
        assert client.get(PAGE, {"image": name}).status_code == 404
