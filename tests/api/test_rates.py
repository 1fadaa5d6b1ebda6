"""How often the API may be asked."""

import pytest
from django.test import Client

from analyzer.models import Upload
from tests.api.client import Api
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("counted")


@pytest.fixture(autouse=True)
def three_a_minute(settings) -> None:
    settings.REQUESTS_A_MINUTE = 3
    settings.ANONYMOUS_REQUESTS_A_MINUTE = 2


def test_a_token_that_asks_too_often_is_told_when_to_ask_again_and_no_other_pays(cast: Cast) -> None:
    api, other = Api(cast.alice), Api(cast.alice)
    answers = [api.get("jobs/") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each["RateLimit"] for each in answers[:2]] == ['"requests";r=2;t=45', '"requests";r=1;t=45']
    assert {each["RateLimit-Policy"] for each in answers} == {'"requests";q=3;w=60'}
    assert answers[3]["Retry-After"] == "45"
    assert answers[3]["Content-Type"] == "application/problem+json"
    assert "next begins in 45 s" in answers[3].json()["detail"]
    assert other.get("jobs/").status_code == 200
    browser = cast.client(cast.alice)
    assert [browser.get("/api/v1/jobs/").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_without_a_known_token_it_is_the_address_that_counts(cast: Cast) -> None:
    for number, headers in enumerate(({}, {"Authorization": "Bearer lay_guessed"})):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        answers = [client.get("/api/v1/jobs/", headers=headers) for _ in range(3)]
        assert [each.status_code for each in answers] == [401, 401, 429]
        assert client.get("/api/v1/openapi.json").status_code == 429
        assert client.get("/api/v1/nothing").status_code == 429
        assert client.options("/api/v1/uploads/").status_code == 429
    assert Api(cast.alice).get("jobs/").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.9").get("/api/v1/docs/")["RateLimit"] == '"requests";r=1;t=45'


def test_pieces_of_an_upload_come_as_often_as_they_like(cast: Cast) -> None:
    api = Api(cast.alice)
    at = api.create(5)["Location"]
    answers = [api.patch(at, offset, b"x") for offset in range(5)]
    assert {each.status_code for each in answers} == {204}
    assert "RateLimit" not in answers[0]
    assert Upload.objects.get().job is not None
    assert [api.get("jobs/").status_code for _ in range(3)] == [200, 200, 429]
