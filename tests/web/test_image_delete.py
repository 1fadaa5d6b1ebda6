"""Deleting an image: the question names what goes, the deed does that and no more."""

import pytest
from django.test import Client

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Members
from analyzer.filetree.listing import Listing
from analyzer.models import Image, Layer, LayerListing, Membership, Role
from analyzer.selectors.removal import removal_of
from tests.cast import Cast
from tests.rows import add_image, diff_id
from tests.web.budget import get_within_budget

UNKNOWN = f"sha256:{'0' * 64}"


@pytest.fixture
def app(cast: Cast) -> Image:
    add_image(cast.team, ["base"], layers={"base": 1000})
    image = add_image(cast.team, ["app"], layers={"base": 1000, "app": 200, "top": 30})
    listing, _ = Listing.build(Members(), Limits())
    for layer in Layer.objects.all():
        LayerListing.objects.create(layer=layer, document=listing.to_parquet())
    return image


def address(image: Image) -> str:
    return f"/images/{image.image_id}/delete/"


def test_the_question_says_what_goes_and_what_stays(cast: Cast, app: Image):
    text = cast.client(cast.alice).get(address(app)).content.decode()
    assert "Delete app from Alice&#x27;s team?" in text
    assert 'title="230 bytes"' in text
    assert text.count("− goes") == 2
    assert text.count("stays, others use it") == 1
    assert Image.objects.filter(pk=app.pk).exists()


def test_a_layer_on_another_parent_frees_a_chain_but_no_layer(cast: Cast, app: Image):
    add_image(cast.team, ["moved"], layers={"app": 200})
    removal = removal_of(cast.alice, [app], [cast.team])
    assert (removal.freed, removal.freed_chains) == (30, 230)


def test_the_deed_frees_what_the_question_said(cast: Cast, app: Image):
    response = cast.client(cast.alice).post(address(app), follow=True)
    assert "app was deleted from Alice&#x27;s team. 230 B are free again." in response.content.decode()
    assert not Image.objects.filter(pk=app.pk).exists()
    assert list(Layer.objects.values_list("diff_id", flat=True)) == [diff_id("base")]


def test_an_image_that_another_team_holds_leaves_only_this_team(cast: Cast, app: Image):
    app.holdings.create(team=cast.other_team)
    client = cast.client(cast.alice)
    told = client.get(address(app)).content.decode()
    assert 'title="230 bytes"' in told  # a team that Alice is not in is none of her business
    assert "nother team" not in told
    client.post(address(app))
    assert list(app.teams.all()) == [cast.other_team]
    assert client.get(address(app)).status_code == 404


def test_who_is_in_two_teams_says_from_which(cast: Cast, app: Image):
    app.holdings.create(team=cast.other_team)
    Membership.objects.create(team=cast.other_team, user=cast.alice, role=Role.OWNER)
    client = cast.client(cast.alice)
    assert "from Charlie&#x27;s team" in client.get(address(app)).content.decode()
    client.post(address(app), {"team": "charlies-team"})
    assert list(app.teams.all()) == [cast.team]


def test_the_question_stays_within_its_budget(cast: Cast, app: Image):
    assert get_within_budget(cast.client(cast.alice), address(app)).status_code == 200


def test_team_access_works(cast: Cast, app: Image):
    cast.give(cast.bob, Role.OWNER)
    assert cast.client(cast.bob).post(address(app)).status_code == 302
    assert not Image.objects.filter(pk=app.pk).exists()


def test_a_bad_id_gives_404(cast: Cast):
    assert cast.client(cast.alice).get(f"/images/{UNKNOWN}/delete/").status_code == 404
    assert cast.client(cast.alice).get("/images/nonsense/delete/").status_code == 404


def test_ownership_is_checked(cast: Cast, app: Image):
    client = cast.client(cast.charlie)
    assert client.get(address(app)).status_code == 404
    assert client.post(address(app)).status_code == 404
    assert cast.client(cast.alice).post(address(app), {"team": "charlies-team"}).status_code == 404
    assert Image.objects.filter(pk=app.pk).exists()
    assert Client().get(address(app)).status_code == 302
