"""Pulls by the API: the job that is named, and what is refused before there is one."""

import json
from typing import Any

import pytest

from analyzer.api.schemas import JobOut
from analyzer.models import Job
from tests.api.client import Api
from tests.cast import Cast


def ask(api: Api, **asked: Any) -> Any:
    return api.call("POST", "pulls/", json.dumps(asked), type="application/json")


@pytest.fixture
def alice(cast: Cast) -> Api:
    return Api(cast.alice)


def test_a_pull_is_answered_with_its_job(alice: Api, cast: Cast) -> None:
    response = ask(alice, reference="nginx", platform="linux/arm64", username="alice", password="very-secret")
    assert response.status_code == 202
    document = response.json()
    assert JobOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert (document["source"], document["reference"]) == ("registry", "docker.io/library/nginx:latest")
    assert (document["platform"], document["state"]) == ("linux/arm64", "queued")
    assert response["Location"] == document["url"]
    assert "very-secret" not in response.content.decode()
    assert Job.objects.get().team == cast.team


@pytest.mark.parametrize("asked", [{"reference": "No Such!"}, {"reference": "a", "platform": "toaster"}, {}])
def test_what_can_not_be_pulled_is_refused_in_words(alice: Api, asked: dict[str, str]) -> None:
    response = ask(alice, **asked)
    assert response.status_code == 422
    assert response.json()["detail"].endswith((".", "required"))
    assert not Job.objects.exists()


def test_a_bad_id_gives_404(alice: Api) -> None:
    assert ask(alice, reference="a", team="nobody").status_code == 404


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    assert ask(alice, reference="a", team=cast.other_team.slug).status_code == 404
    job = ask(alice, reference="a").json()["url"]
    assert Api(cast.bob).get(job).status_code == 200
    assert Api(cast.charlie).get(job).status_code == 404
    assert ask(Api(None), reference="a").status_code == 401
