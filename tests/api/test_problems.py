"""Errors are problem documents (RFC 9457), whatever is wrong."""

from uuid import UUID

import pytest
from django.db import OperationalError

from analyzer.api import jobs
from tests.api.client import Api
from tests.cast import Cast


@pytest.fixture
def alice(cast: Cast) -> Api:
    return Api(cast.alice)


def test_a_character_that_no_text_of_the_database_can_have_is_no_failure_of_it(alice: Api) -> None:
    response = alice.call("GET", "overview/?team=%00")
    assert response.status_code in {400, 404}  # PostgreSQL refuses to look for it, SQLite finds nothing
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing/", 404),
        ("GET", "", 404),
        ("GET", "jobs", 404),
        ("GET", "jobs/%0A/", 404),
        ("GET", "jobs/?" + "page=1&" * 1_001, 400),
        ("GET", f"jobs/{UUID(int=7)}/", 404),
        ("GET", f"images/sha256:{'0' * 64}/", 404),
        ("PATCH", "jobs/", 405),
        ("GET", "jobs/?page=zero", 422),
        ("GET", "jobs/?page_size=1000000", 422),
        ("GET", "jobs/?page=7", 404),
        ("GET", "jobs/?state=asleep", 422),
    ],
)
def test_what_is_wrong_is_said_in_a_problem_document(alice: Api, method: str, path: str, status: int) -> None:
    response = alice.call(method, path)
    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"].endswith((".", "'", "]")) or status == 422


def test_a_request_that_is_not_valid_lists_what_is_wrong(alice: Api) -> None:
    problem = alice.get("jobs/?page=0&page_size=many").json()
    assert {each["where"] for each in problem["errors"]} == {"query.page", "query.page_size"}
    assert "page" in problem["detail"]


def test_an_address_without_its_slash_is_told_so(alice: Api) -> None:
    assert "end with a slash" in alice.get("jobs").json()["detail"]


def test_a_method_that_an_address_does_not_know_names_those_it_does(alice: Api) -> None:
    assert alice.call("DELETE", "jobs/")["Allow"] == "GET"


def test_a_database_that_is_away_is_a_matter_of_a_moment(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(jobs, "cards_of", away)
    response = alice.get("jobs/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "server closed" not in response.json()["detail"]


def test_what_nobody_foresaw_tells_nothing_of_the_inside(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(jobs, "cards_of", broken)
    response = alice.get("jobs/")
    assert response.status_code == 500
    assert "secret" not in response.text
