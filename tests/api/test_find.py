"""Find by the API: the document of the command, among what the viewer may see."""

import pytest

from analyzer.api.findschemas import FoundOut
from analyzer.services.indexing import ensure_indexed
from tests.api.client import Api
from tests.cast import Cast
from tests.filetree.stacks import file
from tests.shelving import shelve


@pytest.fixture
def alice(cast: Cast) -> Api:
    shelve(cast.team, "shop:1", [[file("srv/app", 3, "app"), file("srv/other", 4)]])
    shelve(cast.other_team, "secret:1", [[file("srv/secret", 3, "secret")]])
    ensure_indexed(only=["postings"])
    return Api(cast.alice)


def test_it_is_the_document_of_the_page(alice: Api, cast: Cast) -> None:
    document = alice.get("find/?q=srv/app").json()
    assert FoundOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert document == cast.client(cast.alice).get("/find/?q=srv/app&format=json").json()
    [match] = document["matches"]
    assert (match["path"], match["images"][0]["visible"], document["truncated"]) == ("srv/app", True, False)


def test_it_is_cut_at_the_limit_and_says_so(alice: Api) -> None:
    document = alice.get("find/?q=srv/**&limit=1").json()
    assert (len(document["matches"]), document["truncated"]) == (1, True)


def test_what_can_not_be_looked_for_is_a_problem(alice: Api) -> None:
    response = alice.get("find/?q=%00")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert alice.get("find/").status_code == 422


def test_team_access_works(alice: Api, cast: Cast) -> None:
    assert len(Api(cast.bob).get("find/?q=srv/**").json()["matches"]) == 2


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    assert alice.get("find/?q=srv/secret").json()["matches"] == []
    assert len(Api(cast.charlie).get("find/?q=srv/**").json()["matches"]) == 1
    assert Api(None).get("find/?q=a").status_code == 401
