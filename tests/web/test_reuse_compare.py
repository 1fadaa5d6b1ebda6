"""Several images compared, on a page and by the API."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.api.several import SeveralOut
from analyzer.models import Image
from tests.api.client import Api
from tests.cast import Cast
from tests.compared import shelve
from tests.images import image
from tests.rows import add_image
from tests.web.budget import get_within_budget

PAGE = "/reuse/compare/"
BASE = {"base": 1_048_576}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """Alice's team holds a base and two images on it; Charlie's team holds one of its own."""
    add_image(cast.team, ["base"], layers=BASE)
    add_image(cast.team, ["web"], layers={**BASE, "lib": 4096, "web": 1024})
    add_image(cast.team, ["fat"], layers={**BASE, "lib": 4096, "fat": 2048})
    add_image(cast.other_team, ["secret"], layers={**BASE, "secret": 7})
    return cast


def page(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def document(cast: Cast, query: str) -> Any:
    return cast.client(cast.alice).get(f"{PAGE}?{query}&format=json").json()


def test_the_title_says_what_they_have_in_common(shelf: Cast):
    text = page(shelf.client(shelf.alice), f"{PAGE}?image=web&image=fat")
    assert "2 images have 1.00 MiB in common, 99.9 % of the 1.01 MiB that they hold together, by layers" in text
    assert "Compare these two file by file" in text


def test_intersections_add_up_to_the_union(shelf: Cast):
    found = document(shelf, "image=base&image=web&image=fat")
    assert (found["union"], found["intersection"]) == (1_055_744, 1_048_576)
    assert [(region["size"], region["references"]) for region in found["intersections"]] == [
        (1_048_576, [f"docker.io/library/{name}:latest" for name in ("base", "web", "fat")]),
        (4096, [f"docker.io/library/{name}:latest" for name in ("web", "fat")]),
        (2048, ["docker.io/library/fat:latest"]),
        (1024, ["docker.io/library/web:latest"]),
    ]
    assert sum(region["size"] for region in found["intersections"]) == found["union"]
    assert [each["unique"] for each in found["images"]] == [0, 1024, 2048]


def test_the_same_layer_on_another_parent_is_another_chain(shelf: Cast):
    add_image(shelf.team, ["alone"], layers={"lib": 4096})
    assert document(shelf, "image=alone&image=web")["intersection"] == 4096
    assert document(shelf, "image=alone&image=web&by=chains")["intersection"] == 0


def test_contents_are_the_same_in_whatever_layer_they_lie(cast: Cast, tmp_path: Path):
    both = [image([{"a": b"x" * 500, name: b"same" * 100}, {"own": name.encode()}], tags=[name]) for name in ("p", "q")]
    shelve(cast.team, tmp_path, *both)
    found = document(cast, "image=p&image=q&by=contents")
    assert (found["union"], found["intersection"]) == (902, 900)
    assert document(cast, "image=p&image=q&by=contents") == found  # as it is remembered
    assert "by contents of files" in page(cast.client(cast.alice), f"{PAGE}?image=p&image=q&by=contents")


def test_without_a_choice_the_first_ones_of_the_scope_are_compared(shelf: Cast):
    assert len(document(shelf, "")["images"]) == 3
    assert len(document(shelf, "tag=web:*")["images"]) == 1
    assert "web alone: 1.00 MiB by diffID" in page(shelf.client(shelf.alice), f"{PAGE}?tag=web:*")


def test_every_table_has_its_twins(shelf: Cast):
    client = shelf.client(shelf.alice)
    for part in ("intersections", "images"):
        response = client.get(f"{PAGE}?part={part}&format=csv")
        assert response["Content-Disposition"] == f'attachment; filename="{part}.csv"'
    assert client.get(f"{PAGE}?part=nothing&format=csv").status_code == 404
    assert client.get(f"{PAGE}?by=nothing").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    for number in range(30):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
    chosen = "&".join(f"image=app{number}" for number in range(30))
    assert get_within_budget(shelf.client(shelf.alice), f"{PAGE}?{chosen}").status_code == 200


def test_team_access_works(shelf: Cast):
    assert "2 images have" in page(shelf.client(shelf.bob), f"{PAGE}?image=web&image=fat")
    assert Api(shelf.bob).get("reports/compare/?image=web&image=fat").status_code == 200


def test_a_bad_id_gives_404(shelf: Cast):
    assert shelf.client(shelf.alice).get(f"{PAGE}?image=nowhere").status_code == 404
    assert Api(shelf.alice).get("reports/compare/?image=nowhere").status_code == 404


def test_ownership_is_checked(shelf: Cast):
    web = Image.objects.get(references__repository="docker.io/library/web")
    charlie = shelf.client(shelf.charlie)
    assert charlie.get(f"{PAGE}?image={web.image_id}").status_code == 404
    assert "web" not in page(charlie).partition("<main")[2].replace("webkit", "")
    assert Api(shelf.charlie).get(f"reports/compare/?image={web.image_id}").status_code == 404
    assert Client().get(PAGE).status_code == 302


def test_the_api_gives_the_document_that_it_describes(shelf: Cast):
    found = Api(shelf.alice).get("reports/compare/?image=base&image=web&by=chains").json()
    assert SeveralOut.model_validate(found).model_dump() == found
    assert found["intersection"] == 1_048_576
    assert Api(shelf.alice).get("reports/compare/?image=web&by=nothing").status_code == 422
