"""The first page: figures of what the viewer may see, and what to do where there is nothing yet."""

import pytest
from django.test import Client

from analyzer.models import JobState
from tests.cast import Cast
from tests.rows import add_image, add_job, diff_id
from tests.web.budget import get_within_budget

BASE = {"base": 1_048_576}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """Alice's team holds a base and two images on it; Charlie's team holds one of its own."""
    add_image(cast.team, ["base"], layers=BASE, minutes=0)
    add_image(cast.team, ["web"], layers={**BASE, "web": 1024}, waste=512, minutes=1)
    add_image(cast.team, ["fat"], layers={**BASE, "fat": 4096}, waste=2048, minutes=2)
    add_image(cast.other_team, ["secret"], layers={**BASE, "secret": 7}, minutes=3)
    return cast


def page(client: Client, address: str = "/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.usefixtures("db")
def test_who_is_not_logged_in_is_asked_to():
    response = Client().get("/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/"


def test_without_any_image_the_page_offers_three_ways_to_bring_one(cast: Cast):
    text = page(cast.client(cast.alice))
    assert "Bring the first image" in text
    assert "Drop archives here" in text
    assert "curl -T" in text
    assert "Try a sample" in text
    assert "analyzer/upload.js" in text


def test_who_is_in_no_team_is_told_so(cast: Cast):
    cast.alice.memberships.all().delete()
    assert "You may add images to no team yet" in page(cast.client(cast.alice))


def test_the_heading_states_logical_and_stored_bytes(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "3 images of 3.00 MiB, stored in 1.00 MiB" in text
    assert "Sharing layers saves 66.6 % of 3.00 MiB" in text
    assert 'title="3,150,848 bytes"' in text


def test_the_ladder_measures_each_step_against_naive(shelf: Cast):
    rows = shelf.client(shelf.alice).get("/?part=ladder&format=json").json()["ladder"]
    assert [(row["step"], row["count"], row["size"], row["saving"]) for row in rows[:3]] == [
        ("naive", 3, 3_150_848, 0),
        ("chains", 3, 1_053_696, 2_097_152),
        ("layers", 3, 1_053_696, 2_097_152),
    ]


def test_the_most_shared_layer_is_named_with_what_it_saves(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert "One layer does all of the saving" in page(client)
    rows = client.get("/?part=top_layers&format=json").json()["top_layers"]
    assert rows == [{"diff_id": diff_id("base"), "size": 1_048_576, "images": 3, "saves": 2_097_152}]


def test_the_most_wasteful_image_is_the_title_of_its_table(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "fat hides 0.2 % of its 1.00 MiB" in text
    assert text.index(">fat</a>") < text.index(">web</a>")


def test_waste_inside_the_base_is_inherited_not_own(cast: Cast):
    add_image(cast.team, ["base"], layers=BASE, waste=300)
    add_image(cast.team, ["app"], layers={**BASE, "app": 10}, waste=310)
    rows = cast.client(cast.alice).get("/?part=waste&format=json").json()["waste"]
    figures = {row["references"][0]: (row["own_waste"], row["inherited_waste"]) for row in rows}
    assert figures == {"docker.io/library/base:latest": (300, 0), "docker.io/library/app:latest": (10, 300)}


def test_an_image_that_lacks_a_layer_is_left_out_of_the_sums_and_said_so(shelf: Cast):
    add_image(shelf.team, ["legacy"], layers={**BASE, "gone": 5}, missing=["gone"])
    text = page(shelf.client(shelf.alice))
    assert "3 images of 3.00 MiB" in text
    assert "One image is left out of these sums" in text


def test_what_came_in_lately_is_shown_with_its_state(shelf: Cast):
    image = shelf.team.images.first()
    assert image is not None
    add_job(shelf.team, "web.tar", images=[image], layers={"base": "known", "web": "read"})
    add_job(shelf.team, "odd.tar", state=JobState.FAILED, error="It is a file system. Use docker save.")
    add_job(shelf.team, "next.tar", state=JobState.RUNNING, layers={"base": "reading"})
    text = page(shelf.client(shelf.alice))
    assert "An archive is being read" in text
    assert "reading layer 1 of 1" in text
    assert "It is a file system. Use docker save." in text


def test_what_came_in_by_a_command_is_shown_too(shelf: Cast):
    add_job(shelf.team, "web.tar", images=[shelf.team.images.latest("stored")]).delete()
    text = page(shelf.client(shelf.alice))
    assert '<td class="path">web.tar</td>' in text
    row = shelf.client(shelf.alice).get("/?part=lately&format=json").json()["lately"][0]
    assert (row["name"], row["state"], row["job"], row["brought"]) == ("web.tar", "done", None, None)
    assert len(row["images"]) == 1


def test_the_whole_page_is_one_json_document(shelf: Cast):
    document = shelf.client(shelf.alice).get("/?format=json").json()
    assert document["images"] == 3
    assert document["layers"] == 3
    assert document["ladder"]["naive"] == 3_150_848
    assert set(document["scope"].values()) == {None}
    assert len(document["trend"]) == 3


def test_every_table_has_a_csv_twin(shelf: Cast):
    client = shelf.client(shelf.alice)
    for part in ("ladder", "top_layers", "waste", "trend", "lately"):
        response = client.get(f"/?part={part}&format=csv")
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == f'attachment; filename="{part}.csv"'
    assert client.get("/?part=nothing&format=csv").status_code == 404


def test_the_scope_can_be_one_team(shelf: Cast):
    second = shelf.other_team.memberships.create(user=shelf.alice).team
    client = shelf.client(shelf.alice)
    assert "4 images" in page(client)
    assert "1 image of 1.00 MiB" in page(client, f"/?team={second.slug}")


def test_the_scope_can_be_a_tag_pattern(shelf: Cast):
    text = page(shelf.client(shelf.alice), "/?tag=fat:*")
    assert "1 image of 1.00 MiB" in text
    assert "<span>1 image tagged fat:*</span>" in text
    assert "0 images" in page(shelf.client(shelf.alice), "/?tag=nothing")


def test_a_team_that_the_viewer_is_not_in_is_no_scope(shelf: Cast):
    assert shelf.client(shelf.alice).get(f"/?team={shelf.other_team.slug}").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    for number in range(30):
        image = add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
        add_job(shelf.team, f"app{number}.tar", images=[image], layers={f"app{number}": "read"})
    assert get_within_budget(shelf.client(shelf.alice), "/").status_code == 200


def test_names_of_archives_are_escaped(cast: Cast):
    add_image(cast.team, ["app"], layers=BASE)
    add_job(cast.team, "<script>alert(1)</script>.tar")
    text = page(cast.client(cast.alice))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_team_access_works(shelf: Cast):
    assert "3 images" in page(shelf.client(shelf.bob))


def test_ownership_is_checked(shelf: Cast):
    text = page(shelf.client(shelf.charlie))
    assert "1 image of 1.00 MiB" in text
    assert ">fat</a>" not in text
    assert "No layer is in two images yet" in text


def test_the_ladder_alone_is_given_to_who_counts_contents(shelf: Cast):
    headers = {"HX-Request": "true", "HX-Target": "ladder"}
    text = shelf.client(shelf.alice).get("/?count=yes", headers=headers).content.decode()
    assert 'id="ladder"' in text
    assert "<html" not in text
