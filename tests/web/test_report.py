"""The report of a scope: what would save most, who bears what, how it grew; for who may see it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Image, Reference, ReferenceMove
from analyzer.services.indexing import ensure_indexed
from tests.archives import Whiteout
from tests.cast import Cast
from tests.compared import AFTER, BEFORE, shelve
from tests.images import image
from tests.rows import add_image
from tests.web.budget import get_within_budget

PAGE = "/reuse/report/"
BASE = {"base": 1_048_576}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """Alice's team holds a base and two images on it; Charlie's team one on the same base."""
    add_image(cast.team, ["base"], layers=BASE)
    add_image(cast.team, ["web"], layers={**BASE, "web": 1025})
    add_image(cast.team, ["fat"], layers={**BASE, "fat": 4096})
    add_image(cast.other_team, ["own"], layers={**BASE, "own": 7})
    return cast


def page(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def document(cast: Cast, query: str = "") -> Any:
    return cast.client(cast.alice).get(f"{PAGE}?{query}&format=json").json()


def move_tag(image: Image, name: str, to: Image) -> None:
    """The tag `name:1` pointed at `image`, and points at the other one now."""
    reference, _ = Reference.objects.update_or_create(
        team=image.teams.get(), repository=f"docker.io/library/{name}", tag="1", defaults={"image": to}
    )
    for each in (image, to):
        ReferenceMove.objects.create(reference=reference, image=each, image_digest=each.image_id)


def test_the_report_has_ladder_actions_teams_and_trend(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "<h1>3 images of 3.00 MiB, stored in 1.00 MiB</h1>" in text
    assert "Sharing layers saves 66.6 % of 3.00 MiB" in text
    assert "Nothing stands out that would save much" in text
    assert 'id="trend-figure"' in text
    assert "Images grew to 3.00 MiB, the store to 1.00 MiB" in text


def test_fair_costs_add_up_to_the_disk_to_the_byte(shelf: Cast):
    shelf.other_team.memberships.create(user=shelf.alice)
    found = document(shelf)
    assert len(found["owners"]) == 2
    assert sum(owner["fair_cost"] for owner in found["owners"]) == found["ladder"]["layers"] == 1_053_704
    assert sum(owner["stored"] for owner in found["owners"]) > found["ladder"]["layers"]
    text = page(shelf.client(shelf.alice))
    assert text.count('data-l="bytes">1,053,704</td>') == 2


def test_old_pushes_of_a_tag_that_moved_are_an_action(shelf: Cast):
    old = add_image(shelf.team, [], layers={**BASE, "old": 5000})
    move_tag(old, "shop", add_image(shelf.team, [], layers={**BASE, "new": 6000}))
    action = document(shelf)["actions"][0]
    assert (action["kind"], action["saves"], action["images"]) == ("old_push", 5000, [old.image_id])
    text = page(shelf.client(shelf.alice))
    assert "One action saves at least 4.88 KiB" in text
    assert f'href="/reuse/what-if/?ask=delete&amp;image={old.image_id.replace(":", "%3A")}"' in text
    assert "Delete an image whose tag has moved on" in text


def test_images_on_an_older_push_of_their_base_are_an_action(shelf: Cast):
    old = add_image(shelf.team, [], layers={"lib": 9000})
    new = add_image(shelf.team, [], layers={"lib2": 9000})
    app = add_image(shelf.team, ["app"], layers={"lib": 9000, "app": 10})
    move_tag(old, "os", new)
    actions = {action["kind"]: action for action in document(shelf)["actions"]}
    assert actions["rebase"]["saves"] == 9000
    assert actions["rebase"]["images"] == [app.image_id]
    assert "Move app onto the newer os:1" in actions["rebase"]["title"]
    assert "old_push" not in actions  # its layer is still needed


def test_near_misses_are_an_action_and_bytes_are_not_counted_twice(cast: Cast, tmp_path: Path):
    shelve(cast.team, tmp_path, BEFORE, AFTER)
    ensure_indexed()
    found = document(cast)
    kinds = [action["kind"] for action in found["actions"]]
    assert kinds[0] == "old_push"
    near = found["actions"][kinds.index("near_miss")]
    assert near["saves"] == 102_403
    assert near["same_bytes_as"] == [1]
    assert found["together"] == found["actions"][0]["saves"]
    assert "Partly the same bytes as 1." in page(cast.client(cast.alice))


def test_waste_counts_only_what_the_images_own_layers_hold(cast: Cast, tmp_path: Path):
    base = {"lib": b"l" * 7000, "cache": b"c" * 500}
    own = {"data": b"d" * 3000}
    built = image([base, own, {"data": Whiteout(), "cache": Whiteout()}], tags=["fat:1"])
    shelve(cast.team, tmp_path, image([base], tags=["base:1"]), built)
    action = document(cast)["actions"][0]
    assert (action["kind"], action["saves"], action["images"]) == ("waste", 3000, [built.id])
    assert action["address"] == f"/images/{built.id}/waste/"


def test_the_scope_narrows_the_report(shelf: Cast):
    assert document(shelf, "tag=web:*")["images"] == 1
    assert "No image is tagged nothing" in page(shelf.client(shelf.alice), f"{PAGE}?tag=nothing")
    assert shelf.client(shelf.alice).get(f"{PAGE}?team={shelf.other_team.slug}").status_code == 404


def test_every_table_has_its_twins(shelf: Cast):
    client = shelf.client(shelf.alice)
    for part in ("ladder", "actions", "owners", "trend"):
        response = client.get(f"{PAGE}?part={part}&format=csv")
        assert response["Content-Disposition"] == f'attachment; filename="{part}.csv"'
    assert client.get(f"{PAGE}?part=nothing&format=json").status_code == 404
    trend = client.get(f"{PAGE}?part=trend&format=json").json()["trend"]
    assert [(day["images"], day["logical_after"]) for day in trend] == [(3, 3_150_849)]


def test_without_any_image_it_says_what_to_do(cast: Cast):
    assert "There is no image yet" in page(cast.client(cast.alice))


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    for number in range(30):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1}, waste=number)
    client = shelf.client(shelf.alice)
    page(client)  # common ground of so few layers is looked for at once, once
    assert get_within_budget(client, PAGE).status_code == 200


def test_team_access_works(shelf: Cast):
    assert "3 images" in page(shelf.client(shelf.bob))


def test_ownership_is_checked(shelf: Cast):
    text = page(shelf.client(shelf.charlie))
    assert "1 image of 1.00 MiB" in text
    assert "fat" not in text.partition("<main")[2]
    assert Client().get(PAGE).status_code == 302


def test_what_others_need_is_no_saving_and_tells_nothing_of_them(shelf: Cast):
    """Freed is counted among what the viewer may see, as everywhere: others' images are not there for them."""
    old = add_image(shelf.team, [], layers={"shared": 5000})
    move_tag(old, "shop", add_image(shelf.team, [], layers={"new": 6000}))
    add_image(shelf.other_team, ["holds"], layers={"shared": 5000})
    assert document(shelf)["actions"][0]["saves"] == 5000
