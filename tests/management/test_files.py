"""`manage.py files`: what it says of names that mean nothing."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analyzer.models import Image, Team
from analyzer.selectors.lookup import image_named
from tests.archives import Image as BuiltImage
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring

pytestmark = pytest.mark.django_db(transaction=True)

BASE, APP = layer({"etc/motd": b"hello"}), layer({"srv/app": b"code"})


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> BuiltImage:
    built = image([BASE, APP], tags=["shop:1"])
    bring(tmp_path, docker_save(built), cast.team)
    return built


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nope"], "No image is known as docker.io/library/nope:latest."),
        (["sha256:abcd"], "No image has an ID that begins with abcd."),
        (["0" * 64], f"No image has an ID that begins with {'0' * 64}."),
        (["../../x"], "'../../x' is neither an image ID nor a reference."),
        ([""], "'' is neither an image ID nor a reference."),
        (["shop:1", "--layer", "2"], "The image has 2 layers, 0 to 1; there is no layer 2."),
        (["shop:1", "--layer", "-1"], "The image has 2 layers, 0 to 1; there is no layer -1."),
    ],
)
def test_what_names_nothing_is_told_in_words_and_2(shop: BuiltImage, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("files", *arguments)
    assert (str(caught.value), caught.value.returncode) == (words, 2)


@pytest.mark.parametrize("arguments", [[], ["shop:1", "--layer", "x"], ["shop:1", "--layer", "0", "--merged"]])
def test_bad_arguments_are_refused(shop: BuiltImage, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("files", *arguments)


def test_an_id_means_the_whole_image_before_one_that_lacks_layers(cast: Cast, tmp_path: Path, shop: BuiltImage) -> None:
    members = docker_save(shop)
    del members[next(name for name, entry in members.items() if entry == APP.tar)]
    for team in (cast.other_team, Team.objects.create(name="Third", slug="third")):
        bring(tmp_path, members, team)
    assert Image.objects.filter(image_id=shop.id).count() == 3
    assert image_named(shop.id).incomplete_in is None
