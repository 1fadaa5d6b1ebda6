"""Texts of an archive that have no end: pages show their beginning, the JSON has all of them."""

from pathlib import Path

import pytest

from analyzer.models import Image, Layer
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring

ENDLESS = "RUN " + "x" * 500_000
PAGE = 200_000  # bytes


@pytest.fixture
def endless(cast: Cast, tmp_path: Path) -> Image:
    step = {"created_by": ENDLESS, "comment": ENDLESS}
    run = {"Env": [ENDLESS], "Cmd": ENDLESS, "User": ENDLESS, "Labels": {ENDLESS: ENDLESS}}
    built = image(
        [layer({"etc/motd": b"hello"})], history=[step, {**step, "empty_layer": True}], config={"config": run}
    )
    bring(tmp_path, docker_save(built), cast.team)
    return Image.objects.get()


@pytest.mark.parametrize("tab", ["files", "layers", "waste", "config", "findings", "archives"])
def test_the_page_of_an_image_stays_short(cast: Cast, endless: Image, tab: str) -> None:
    response = cast.client(cast.alice).get(f"/images/{endless.image_id}/?tab={tab}")
    assert response.status_code == 200
    assert len(response.content) < PAGE
    assert "more characters" in response.content.decode()


def test_the_page_of_a_layer_stays_short(cast: Cast, endless: Image) -> None:
    page = cast.client(cast.alice).get(f"/layers/{Layer.objects.get().diff_id}/?image={endless.image_id}")
    assert len(page.content) < PAGE


def test_the_twin_has_all_of_it(cast: Cast, endless: Image) -> None:
    twin = cast.client(cast.alice).get(f"/images/{endless.image_id}/?part=history&format=json").json()
    assert ENDLESS in str(twin)
