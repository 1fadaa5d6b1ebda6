"""Common ground by the API: the document of the page."""

from pathlib import Path

import pytest

from analyzer.api.common_ground import CommonGroundOut
from tests.api.client import Api
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring

PACKAGES = {"usr/bin/python3": b"p" * 2_000_000}


@pytest.fixture
def alice(cast: Cast, tmp_path: Path) -> Api:
    for name in ("web", "shop"):
        built = image([layer(PACKAGES | {"app": name.encode()})], tags=[f"{name}:1"])
        bring(tmp_path, docker_save(built), cast.team, name=f"{name}.tar")
    return Api(cast.alice)


def test_it_is_the_document_of_the_page(alice: Api, cast: Cast) -> None:
    document = alice.get("reports/common-ground/").json()
    assert CommonGroundOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert document == cast.client(cast.alice).get("/reuse/common-ground/?format=json").json()
    assert document["saving"] == 2_000_000


def test_it_is_narrowed_to_a_scope_and_a_weight(alice: Api, cast: Cast) -> None:
    assert alice.get("reports/common-ground/?tag=shop:*").json()["sets"] == []
    assert alice.get("reports/common-ground/?least=3").json()["sets"] == []
    assert len(alice.get("reports/common-ground/?least=1.5").json()["sets"]) == 1
    assert alice.get("reports/common-ground/?least=much").status_code == 422


def test_team_access_works(alice: Api, cast: Cast) -> None:
    assert len(Api(cast.bob).get("reports/common-ground/").json()["sets"]) == 1


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    assert Api(cast.charlie).get("reports/common-ground/").json()["sets"] == []
    assert Api(None).get("reports/common-ground/").status_code == 401
