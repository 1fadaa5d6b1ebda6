"""What if by the API: freed, transferred, rebased, among what the token's owner may see."""

import pytest

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Members
from analyzer.filetree.listing import Listing
from analyzer.models import Layer, LayerListing
from tests.api.client import Api
from tests.cast import Cast
from tests.rows import add_image, diff_id

BASE = {"base": 1000}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    add_image(cast.team, ["base:1"], layers=BASE)
    add_image(cast.team, ["left"], layers={**BASE, "both": 200, "left": 30})
    add_image(cast.team, ["right"], layers={**BASE, "both": 200, "right": 4})
    add_image(cast.team, ["alone"], layers={"other": 70})
    add_image(cast.other_team, ["secret"], layers={**BASE, "both": 200})
    listing, _ = Listing.build(Members(), Limits())
    for layer in Layer.objects.all():
        LayerListing.objects.create(layer=layer, document=listing.to_parquet())
    return cast


def test_what_deleting_frees(shelf: Cast):
    told = Api(shelf.bob).get("reports/free/?image=left&image=right").json()
    assert (told["freed"], told["freed_chains"]) == (234, 234)
    assert [(layer["diff_id"], layer["images"]) for layer in told["layers"]] == [
        (diff_id("both"), 2),
        (diff_id("left"), 1),
        (diff_id("right"), 1),
    ]
    assert [image["unique"] for image in told["images"]] == [30, 4]


def test_what_a_host_transfers(shelf: Cast):
    told = Api(shelf.alice).get("reports/pull/?image=left&having=base:1&having=alone").json()
    assert (told["already"], told["transfer"], told["estimated"]) == (2024, 1224 + 1054, True)
    assert [blob["diff_id"] for blob in told["blobs"]] == [diff_id("both"), diff_id("left")]


def test_what_another_base_shares(shelf: Cast):
    told = Api(shelf.alice).get("reports/rebase/?image=alone&onto=left").json()
    assert told["shared"] == {"before": 0, "after": 1230}
    assert [layer["from"] for layer in told["layers"]] == ["base", "base", "base", "image"]
    assert told["already_in_base"] == {"files": 0, "size": 0, "same_path": 0}


def test_what_cannot_be_is_a_problem_document(shelf: Cast):
    api = Api(shelf.alice)
    response = api.get("reports/rebase/?image=left&onto=left")
    assert (response.status_code, response.json()["detail"]) == (422, "An image can't be its own base.")
    assert api.get("reports/free/").status_code == 422
    response = api.get("reports/pull/?image=nothing")
    assert (response.status_code, response.json()["detail"]) == (404, "No image that you can see goes by nothing.")


def test_ownership_is_checked(shelf: Cast):
    for query in ("free/?image=left", "pull/?image=secret&having=left", "rebase/?image=secret&onto=left"):
        assert Api(shelf.charlie).get(f"reports/{query}").status_code == 404
        assert Api(None).get(f"reports/{query}").status_code == 401
