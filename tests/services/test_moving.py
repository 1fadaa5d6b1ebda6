"""An image goes to another team: references, records of archives, and who sees it then."""

from pathlib import Path

import pytest
from django.test import Client

from analyzer.models import Archive, Holding, Image, Membership, Quota, Reference, Role, Team
from analyzer.selectors.access import image_for
from analyzer.services.moving import NotMoved, move_image
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.rows import add_image
from tests.taking import run_job

SHOP = image([layer({"etc/motd": b"hello" * 20})], tags=["shop:1", "shop:latest"], history=["ADD"])
VAULT = image([layer({"srv/vault": b"v" * 300})], tags=["vault:1"], history=["ADD"])


@pytest.fixture
def second(cast: Cast) -> Team:
    team = Team.objects.create(name="Second", slug="second")
    Membership.objects.create(team=team, user=cast.alice, role=Role.UPLOADER)
    return team


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    run_job(tmp_path, docker_save(SHOP, VAULT), cast.team)
    return Image.objects.get(image_id=SHOP.id)


def names(team: Team) -> list[str]:
    return sorted(row.short for row in Reference.objects.filter(team=team))


def test_references_and_records_go_along_and_the_rest_of_the_archive_stays(cast: Cast, shop: Image, second: Team):
    alice = cast.client(cast.alice)
    address = f"/images/{SHOP.id}/move/"
    assert "Second" in alice.get(address).content.decode()
    assert alice.post(address, {"from": "alices-team", "to": "second"}).status_code == 302
    assert (names(second), names(cast.team)) == (["shop:1", "shop:latest"], ["vault:1"])
    assert list(shop.teams.all()) == [second]
    told = {
        archive.team: [row.image.image_id for row in archive.archive_images.all()] for archive in Archive.objects.all()
    }
    assert told == {second: [SHOP.id], cast.team: [VAULT.id]}
    assert alice.get(f"/images/{SHOP.id}/").status_code == 200
    assert alice.get(f"/images/{SHOP.id}/?tab=archives").status_code == 200
    assert alice.get(f"/jobs/{cast.team.jobs.get().pk}/").status_code == 200
    assert cast.client(cast.bob).get(f"/images/{SHOP.id}/").status_code == 404


def test_both_may_hold_it(cast: Cast, shop: Image, second: Team):
    cast.client(cast.alice).post(f"/images/{SHOP.id}/move/", {"from": "alices-team", "to": "second", "keep": "on"})
    assert names(second) == ["shop:1", "shop:latest"]
    assert names(cast.team) == ["shop:1", "shop:latest", "vault:1"]
    assert shop.teams.count() == 2
    assert Archive.objects.count() == 2
    assert image_for(cast.bob, SHOP.id) == shop


def test_the_last_image_takes_the_archive_along(cast: Cast, shop: Image, second: Team):
    for each in Image.objects.all():
        move_image(each, cast.team, second)
    assert set(Archive.objects.values_list("team", flat=True)) == {second.pk}
    assert cast.client(cast.alice).get(f"/jobs/{cast.team.jobs.get().pk}/").status_code == 200
    assert cast.client(cast.alice).get("/jobs/?format=json").status_code == 200


def test_an_image_that_lacks_layers_stays(cast: Cast, shop: Image, second: Team):
    shop.incomplete_in = cast.team
    shop.save()
    with pytest.raises(NotMoved, match="Layers of this image are missing"):
        move_image(shop, cast.team, second)
    with pytest.raises(NotMoved, match="does not hold"):
        move_image(shop, second, cast.team)


def test_it_takes_an_owner_here_and_an_uploader_there(cast: Cast, shop: Image, second: Team):
    address, form = f"/images/{SHOP.id}/move/", {"from": "alices-team", "to": "second"}
    assert cast.client(cast.bob).post(address, form).status_code == 404
    assert cast.client(cast.charlie).post(address, form | {"to": "charlies-team"}).status_code == 404
    alice = cast.client(cast.alice)
    assert alice.post(address, form | {"to": "charlies-team"}).status_code == 404
    assert alice.post(address, form | {"from": "charlies-team"}).status_code == 404
    Membership.objects.filter(team=second).update(role=Role.VIEWER)
    assert alice.post(address, form).status_code == 404
    assert Client().post(address, form).status_code == 302
    assert list(shop.teams.all()) == [cast.team]


def test_an_image_is_not_moved_into_a_team_that_is_full(cast: Cast, shop: Image) -> None:
    add_image(cast.other_team, ["full"], layers={"full": 100})
    Quota.objects.create(team=cast.other_team, stored=100)
    with pytest.raises(NotMoved, match="uses 100 % of its quota"):
        move_image(shop, cast.team, cast.other_team)
    assert not Holding.objects.filter(image=shop, team=cast.other_team).exists()
