"""The first page of Reuse, and the frame that all of them stand in."""

import pytest

from tests.cast import Cast
from tests.rows import add_image

BASE = {"base": 1_048_576}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """Alice's team holds a base and two images on it; Charlie's team holds one of its own."""
    add_image(cast.team, ["base"], layers=BASE, minutes=0)
    add_image(cast.team, ["web"], layers={**BASE, "web": 1024}, waste=512, minutes=1)
    add_image(cast.team, ["fat:1"], layers={**BASE, "fat": 4096}, waste=2048, minutes=2)
    add_image(cast.other_team, ["secret"], layers={**BASE, "secret": 7}, minutes=3)
    return cast


def page(cast: Cast, query: str = "") -> str:
    response = cast.client(cast.alice).get(f"/reuse/{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_frame_says_what_the_scope_is(shelf: Cast):
    assert "<span>3 images</span>" in page(shelf)
    assert "<span>2 images tagged *:latest</span>" in page(shelf, "?tag=*:latest")


def test_tabs_keep_the_scope(shelf: Cast):
    assert '<a href="/reuse/?tag=%2A%3Alatest" aria-current="page">Ladder</a>' in page(shelf, "?tag=*:latest")


def test_an_empty_scope_says_so_and_leads_back(shelf: Cast):
    text = page(shelf, "?tag=nothing")
    assert "No image is tagged nothing" in text
    assert '<a href="?">Look at all 3 images</a>' in text


def test_without_any_image_the_page_says_what_to_do(cast: Cast):
    assert "There is no image yet, so nothing is shared" in page(cast)


def test_a_bad_date_is_said_and_left_out(shelf: Cast):
    text = page(shelf, "?since=soon&tag=*:latest")
    assert "since is not a date: write it as 2026-11-24." in text
    assert "<span>2 images tagged *:latest</span>" in text


def test_a_team_of_others_is_not_found(shelf: Cast):
    assert shelf.client(shelf.alice).get(f"/reuse/?team={shelf.other_team.slug}").status_code == 404
