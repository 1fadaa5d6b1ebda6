"""The sharing of a scope by the API."""

import pytest

from analyzer.api.sharing import SharingOut
from tests.api.client import Api
from tests.cast import Cast
from tests.rows import add_image


@pytest.fixture
def alice(cast: Cast) -> Api:
    add_image(cast.team, ["base"], layers={"debian": 1000})
    add_image(cast.team, ["app:1"], layers={"debian": 1000, "app": 200}, waste=50)
    add_image(cast.other_team, ["secret"], layers={"debian": 1000, "secret": 7})
    return Api(cast.alice)


def test_it_is_the_document_of_the_report(alice: Api, cast: Cast) -> None:
    document = alice.get("reports/sharing/").json()
    assert SharingOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert (document["images"], document["layers"]) == (2, 2)
    assert (document["ladder"]["naive"], document["ladder"]["chains"], document["ladder"]["layers"]) == (
        2200,
        1200,
        1200,
    )
    assert [row["unique"] for row in document["per_image"]] == [200, 0]
    assert document["owners"] == [
        {"team": cast.team.slug, "images": 2, "naive": 2200, "stored": 1200, "fair_cost": 1200}
    ]


def test_it_is_the_json_twin_of_the_page(alice: Api, cast: Cast) -> None:
    assert alice.get("reports/sharing/?tag=1").json() == cast.client(cast.alice).get("/reuse/?tag=1&format=json").json()


def test_it_is_narrowed_as_the_pages_are(alice: Api, cast: Cast) -> None:
    assert alice.get("reports/sharing/?tag=*:latest").json()["images"] == 1
    assert alice.get("reports/sharing/?repository=app").json()["images"] == 1
    assert alice.get("reports/sharing/?since=2026-11-25").json()["images"] == 0


def test_what_is_no_scope_is_a_problem_in_words(alice: Api) -> None:
    response = alice.get("reports/sharing/?since=2026-11-25&until=2026-11-24")
    assert response.status_code == 422
    assert response.json()["detail"] == "The scope ends on 2026-11-24, before it begins on 2026-11-25."
    assert alice.get("reports/sharing/?until=never").status_code == 422


def test_team_access_works(alice: Api, cast: Cast) -> None:
    assert Api(cast.bob).get("reports/sharing/").json()["images"] == 2


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    assert Api(cast.charlie).get("reports/sharing/").json()["images"] == 1
    assert alice.get(f"reports/sharing/?team={cast.other_team.slug}").status_code == 404
    assert Api(None).get("reports/sharing/").status_code == 401
