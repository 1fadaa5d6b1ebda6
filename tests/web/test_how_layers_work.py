"""How layers work, told on one of the viewer's images."""

from pathlib import Path

import pytest
from django.utils.html import strip_tags

from analyzer.models import Image
from tests.archives import Opaque, Whiteout, docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring
from tests.web.budget import get_within_budget

PAGE = "/help/layers/"
BASE = layer({"etc/motd": b"hello" * 10, "usr/doc": b"d" * 300, "tmp/cache": b"c" * 90})
APP = layer({"etc/motd": b"bye", "usr/doc": Whiteout(), "tmp": Opaque(), "srv/new": b"n" * 9})
BUILT = image([BASE, APP], tags=["shop:1"], history=["COPY base /", "RUN work", "#CMD x"])
PLAIN = image([BASE], tags=["base:1"], history=["COPY base /"])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    bring(tmp_path, docker_save(PLAIN), cast.team, name="base.tar")
    bring(tmp_path, docker_save(BUILT), cast.team, name="shop.tar")
    return Image.objects.get(image_id=BUILT.id)


def text_of(cast: Cast, query: str = "") -> str:
    page = cast.client(cast.alice).get(PAGE + query).content.decode()
    return " ".join(strip_tags(page).split())


def test_the_image_that_shows_most_is_the_example(cast: Cast, shop: Image):
    text = text_of(cast)
    assert "told on shop:1" in text
    assert "etc/motd came with" in text
    assert "usr/doc, 300B in" in text
    assert "is hidden by usr/.wh.doc in" in text
    assert "tmp/cache went with the marker tmp/.wh..wh..opq" in text
    assert "is in 2 of your images and stored once" in text
    assert "it brought srv/new" in text
    assert "3 steps, 1 of them without a layer" in text


def test_another_image_can_be_looked_at(cast: Cast, shop: Image):
    text = text_of(cast, f"?image={PLAIN.id}")
    assert "told on base:1" in text
    assert "In base:1 no file is written twice" in text
    assert "base:1 deletes nothing" in text
    assert "shop:1" in text  # a link to the other one


def test_without_images_the_words_stand_alone_beside_a_sample(cast: Cast):
    text = text_of(cast)
    assert "Try the sample" in text
    assert "A layer is a tar of changes" in text


def test_an_image_that_lacks_a_layer_is_told_as_far_as_it_is_known(cast: Cast, tmp_path: Path):
    members = docker_save(BUILT)
    del members[next(name for name, data in members.items() if data == BASE.blob)]
    bring(tmp_path, members, cast.team, name="torn.tar")
    assert "nobody knows what it shows" in text_of(cast, f"?image={BUILT.id}")


def test_team_access_works(cast: Cast, shop: Image):
    assert get_within_budget(cast.client(cast.bob), PAGE).status_code == 200


def test_a_bad_id_gives_404(cast: Cast, shop: Image):
    assert cast.client(cast.alice).get(f"{PAGE}?image=sha256:{'0' * 64}").status_code == 404
    assert cast.client(cast.alice).get(f"{PAGE}?image=nonsense").status_code == 404


def test_ownership_is_checked(cast: Cast, shop: Image):
    assert cast.client(cast.charlie).get(f"{PAGE}?image={shop.image_id}").status_code == 404
    assert b"shop:1" not in cast.client(cast.charlie).get(PAGE).content
