"""Deleting several images: the question says what they free together, the deed does that and no more."""

import pytest
from django.test import Client
from django.urls import reverse

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Members
from analyzer.filetree.listing import Listing
from analyzer.models import Image, Layer, LayerListing, Membership, Role
from tests.cast import Cast
from tests.rows import add_image, diff_id
from tests.web.budget import get_within_budget

ADDRESS = "/images/delete/"


@pytest.fixture
def pair(cast: Cast) -> list[Image]:
    """`left` and `right` share `both` alone; `base` stands under them and stays."""
    add_image(cast.team, ["base"], layers={"base": 1000})
    images = [add_image(cast.team, [name], layers={"base": 1000, "both": 200, name: 30}) for name in ("left", "right")]
    listing, _ = Listing.build(Members(), Limits())
    for layer in Layer.objects.all():
        LayerListing.objects.create(layer=layer, document=listing.to_parquet())
    return images


def address(images: list[Image], more: str = "") -> str:
    return ADDRESS + "?" + "&".join(f"image={image.image_id}" for image in images) + more


def test_the_question_says_what_they_free_together(cast: Cast, pair: list[Image]):
    text = cast.client(cast.alice).get(address(pair)).content.decode()
    assert "Delete 2 images?" in text
    assert 'title="260 bytes"' in text  # 30 each, and 200 that only these two share
    assert text.count("− goes") == 3
    assert text.count("stays, others use it") == 1
    assert Image.objects.count() == 3


def test_the_deed_frees_what_the_question_said(cast: Cast, pair: list[Image]):
    refs = [image.image_id for image in pair]
    response = cast.client(cast.alice).post(ADDRESS, {"image": refs}, follow=True)
    assert "2 images were deleted. 260 B are free again." in response.content.decode()
    assert list(Layer.objects.values_list("diff_id", flat=True)) == [diff_id("base")]


def test_an_image_that_another_team_holds_leaves_only_this_one(cast: Cast, pair: list[Image]):
    pair[0].holdings.create(team=cast.other_team)
    client = cast.client(cast.alice)
    assert "nother team" not in client.get(address(pair)).content.decode()  # one that Alice is not in
    response = client.post(ADDRESS, {"image": [image.image_id for image in pair]}, follow=True)
    assert "2 images were deleted. 260 B are free again." in response.content.decode()
    assert list(pair[0].teams.all()) == [cast.other_team]


def test_it_goes_from_every_team_of_the_viewers_or_from_the_one_that_is_named(cast: Cast, pair: list[Image]):
    Membership.objects.create(team=cast.other_team, user=cast.alice, role=Role.OWNER)
    for image in pair:
        image.holdings.create(team=cast.other_team)
    client = cast.client(cast.alice)
    client.post(ADDRESS, {"image": pair[0].image_id, "team": "charlies-team"})
    assert list(pair[0].teams.all()) == [cast.team]
    client.post(ADDRESS, {"image": pair[1].image_id})
    assert not Image.objects.filter(pk=pair[1].pk).exists()


def test_nothing_chosen_leads_back(cast: Cast):
    response = cast.client(cast.alice).get(ADDRESS, follow=True)
    assert response.redirect_chain == [(reverse("images"), 302)]
    assert "No image was chosen." in response.content.decode()


def test_the_table_of_images_leads_here(cast: Cast, pair: list[Image]):
    text = cast.client(cast.alice).get("/images/").content.decode()
    assert f'<input type="checkbox" name="image" value="{pair[0].image_id}" form="chosen"' in text
    assert f'<form id="chosen" action="{ADDRESS}"' in text
    assert '<button formaction="/compare/">Compare</button>' in text


def test_the_question_stays_within_its_budget(cast: Cast, pair: list[Image]):
    assert get_within_budget(cast.client(cast.alice), address(pair)).status_code == 200


def test_a_deed_needs_the_token_of_the_form(cast: Cast, pair: list[Image]):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(ADDRESS, {"image": pair[0].image_id}).status_code == 403
    assert Image.objects.filter(pk=pair[0].pk).exists()


def test_team_access_works(cast: Cast, pair: list[Image]):
    cast.give(cast.bob, Role.OWNER)
    assert cast.client(cast.bob).post(ADDRESS, {"image": pair[0].image_id}).status_code == 302
    assert not Image.objects.filter(pk=pair[0].pk).exists()


def test_a_bad_id_gives_404(cast: Cast, pair: list[Image]):
    client = cast.client(cast.alice)
    assert client.get(address(pair, "&image=nonsense")).status_code == 404
    assert client.get(address(pair, "&team=nonsense")).status_code == 404
    assert client.get(ADDRESS + "?" + "&".join(f"image={number}" for number in range(501))).status_code == 404


def test_ownership_is_checked(cast: Cast, pair: list[Image]):
    client = cast.client(cast.charlie)
    assert client.get(address(pair)).status_code == 404
    assert client.post(ADDRESS, {"image": pair[0].image_id}).status_code == 404
    assert cast.client(cast.alice).get(address(pair, "&team=charlies-team")).status_code == 404
    assert Image.objects.count() == 3
    assert Client().get(ADDRESS).status_code == 302
