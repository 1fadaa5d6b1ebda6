"""The Dockerfile of an image: its tab, its twins, and the file."""

import json
from pathlib import Path

import pytest
from django.test import Client

from analyzer.models import Image
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring
from tests.web.budget import get_within_budget

SUM = "0756ad52e798aadd1b958751feede667bf8fccdf18622b9ee50d9ccd2c7542b9"
BASE = layer({"bin/sh": b"#!"})
COPIED = layer({"srv/app/package.json": b"{}"})
MADE = layer({"srv/app/out": b"x" * 100})
STEPS = [
    f"/bin/sh -c #(nop) ADD file:{SUM} in / ",
    '#/bin/sh -c #(nop)  CMD ["sh"]',
    "#/bin/sh -c #(nop) WORKDIR /srv/app",
    f"/bin/sh -c #(nop) COPY file:{SUM} in . ",
    "/bin/sh -c make <all>",
]
ON_BASE = image([BASE, COPIED, MADE], tags=["shop:1"], history=STEPS)
LOWER = image([BASE], tags=["base:1"], history=STEPS[:2])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    bring(tmp_path, docker_save(LOWER), cast.team, name="base.tar")
    bring(tmp_path, docker_save(ON_BASE), cast.team, name="shop.tar")
    return Image.objects.get(image_id=ON_BASE.id)


def file_of(client: Client, found: Image) -> str:
    return client.get(f"/images/{found.image_id}/dockerfile/").content.decode()


def test_the_file_stands_on_its_base_and_names_what_was_copied(cast: Cast, shop: Image):
    text = file_of(cast.client(cast.alice), shop)
    instructions = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert instructions == ["FROM base:1", "WORKDIR /srv/app", "COPY package.json .", "RUN make <all>"]
    assert "# guess: The sources' names are those in the layer" in text


def test_without_a_known_base_it_starts_from_scratch(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(LOWER), cast.team, name="base.tar")
    text = file_of(cast.client(cast.alice), Image.objects.get(image_id=LOWER.id))
    assert "\nFROM scratch\n" in text
    assert 'CMD ["sh"]' in text


def test_each_line_of_the_tab_shows_the_layer_that_it_made(cast: Cast, shop: Image):
    page = cast.client(cast.alice).get(f"/images/{shop.image_id}/?tab=dockerfile").content.decode()
    assert "4 instructions, 2 of them with a guess" in page
    assert "RUN make &lt;all&gt;" in page
    assert page.count(f'diffID {MADE.diff_id}"') >= 1
    assert "<b>guess</b>" in page


def test_its_twins_have_every_line(cast: Cast, shop: Image):
    client = cast.client(cast.alice)
    rows = json.loads(client.get(f"/images/{shop.image_id}/?part=dockerfile&format=json").content)["dockerfile"]
    assert [(row["instruction"], row["layer"], row["size"]) for row in rows] == [
        ("FROM base:1", None, None),
        ("WORKDIR /srv/app", None, None),
        ("COPY package.json .", 1, 2),
        ("RUN make <all>", 2, 100),
    ]
    assert b"RUN make <all>" in client.get(f"/images/{shop.image_id}/?part=dockerfile&format=csv").content
    answer = client.get(f"/api/v1/images/{shop.image_id}/dockerfile/")
    assert answer.json()["dockerfile"] == rows
    assert answer.json()["text"] == file_of(client, shop)


def test_a_history_that_does_not_align_names_no_layers(cast: Cast, tmp_path: Path):
    odd = image([BASE, MADE], tags=["odd:1"], history=["/bin/sh -c make"])
    bring(tmp_path, docker_save(odd), cast.team, name="odd.tar")
    page = cast.client(cast.alice).get(f"/images/{odd.id}/?tab=dockerfile").content.decode()
    assert "no line names the layer that it made" in page
    assert "RUN make" in page


def test_team_access_works(cast: Cast, shop: Image):
    response = get_within_budget(cast.client(cast.bob), f"/images/{shop.image_id}/dockerfile/")
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="Dockerfile"'


def test_a_bad_id_gives_404(cast: Cast):
    assert cast.client(cast.alice).get(f"/images/sha256:{'0' * 64}/dockerfile/").status_code == 404


def test_ownership_is_checked(cast: Cast, shop: Image):
    assert cast.client(cast.charlie).get(f"/images/{shop.image_id}/dockerfile/").status_code == 404
    assert cast.client(cast.charlie).get(f"/api/v1/images/{shop.image_id}/dockerfile/").status_code == 404
