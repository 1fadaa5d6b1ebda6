"""The figures of the first page by the API."""

import pytest

from analyzer.api.overviewschemas import OverviewOut
from tests.api.client import Api
from tests.cast import Cast
from tests.rows import add_image, add_job


@pytest.fixture
def alice(cast: Cast) -> Api:
    add_image(cast.team, ["base"], layers={"debian": 1000})
    add_image(cast.team, ["app"], layers={"debian": 1000, "app": 200}, waste=50)
    add_job(cast.team, "app.tar", state="done")
    return Api(cast.alice)


def test_it_is_the_document_of_the_page(alice: Api, cast: Cast) -> None:
    document = alice.get("overview/").json()
    assert OverviewOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert document == cast.client(cast.alice).get("/?format=json").json()
    assert (document["ladder"]["naive"], document["ladder"]["layers"]) == (2200, 1200)


def test_it_is_narrowed_to_a_team(alice: Api, cast: Cast) -> None:
    assert alice.get(f"overview/?team={cast.team.slug}").json()["images"] == 2
    assert alice.get(f"overview/?team={cast.other_team.slug}").status_code == 404


def test_team_access_works(alice: Api, cast: Cast) -> None:
    assert Api(cast.bob).get("overview/").json()["images"] == 2


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    assert Api(cast.charlie).get("overview/").json()["images"] == 0
    assert Api(None).get("overview/").status_code == 401
