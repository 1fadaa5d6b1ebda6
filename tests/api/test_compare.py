"""Two images side by side by the API."""

from pathlib import Path

import pytest

from analyzer.api.compareschemas import ComparisonOut
from tests.api.client import Api
from tests.cast import Cast
from tests.compared import AFTER, BEFORE, shelve

BOTH = f"compare/?a={BEFORE.id}&b={AFTER.id}"


@pytest.fixture
def alice(cast: Cast, tmp_path: Path) -> Api:
    shelve(cast.team, tmp_path, BEFORE, AFTER)
    return Api(cast.alice)


def test_the_document_is_as_it_is_described(alice: Api) -> None:
    document = alice.get(BOTH).json()
    assert ComparisonOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert document["files_page"]["count"] == len(document["files"])


def test_files_come_in_pages_and_by_filters(alice: Api) -> None:
    page = alice.get(f"{BOTH}&page_size=2&page=2").json()
    assert len(page["files"]) == 2
    assert page["files_page"]["previous"]
    assert [file["path"] for file in alice.get(f"{BOTH}&change=added&at=srv").json()["files"]] == ["srv/=x"]
    assert alice.get(f"{BOTH}&page=99").status_code == 404


def test_without_a_first_image_the_push_before_is_taken(alice: Api) -> None:
    assert alice.get("compare/?b=shop:1").json()["first"]["image_id"] == BEFORE.id
    refused = alice.get(f"compare/?b={BEFORE.id}")
    assert refused.status_code == 404
    assert "name the first image" in refused.json()["detail"]


def test_team_access_works(alice: Api, cast: Cast) -> None:
    assert Api(cast.bob).get(BOTH).status_code == 200


def test_a_bad_id_gives_404(alice: Api) -> None:
    assert alice.get(f"compare/?a=nowhere&b={AFTER.id}").status_code == 404
    assert alice.get("compare/").status_code == 422


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    assert Api(cast.charlie).get(BOTH).status_code == 404
    assert Api(None).get(BOTH).status_code == 401
