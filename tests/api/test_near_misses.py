"""Near misses by the API: the document of the page."""

from pathlib import Path

import pytest

from analyzer.api.near_misses import NearMissesOut
from analyzer.services import indexing
from tests.api.client import Api
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring

CODE = {f"srv/{number}": bytes([number]) * 20_000 for number in range(10)}


@pytest.fixture
def alice(cast: Cast, tmp_path: Path) -> Api:
    built = image([layer(CODE), layer(CODE | {"log": b"x"})], tags=["shop:1"])
    bring(tmp_path, docker_save(built), cast.team)
    indexing.ensure_indexed()
    return Api(cast.alice)


def test_it_is_the_document_of_the_page(alice: Api, cast: Cast) -> None:
    document = alice.get("reports/near-misses/").json()
    assert NearMissesOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert document == cast.client(cast.alice).get("/reuse/near-misses/?format=json").json()
    assert document["near_misses"][0]["reasons"] == ["files"]


def test_it_is_narrowed_to_a_scope(alice: Api, cast: Cast) -> None:
    assert len(alice.get("reports/near-misses/?tag=shop:*&since=2020-01-01").json()["near_misses"]) == 1
    assert alice.get("reports/near-misses/?tag=other").json()["near_misses"] == []
    assert alice.get("reports/near-misses/?since=soon").status_code == 422
    assert alice.get(f"reports/near-misses/?team={cast.other_team.slug}").status_code == 404


def test_team_access_works(alice: Api, cast: Cast) -> None:
    assert len(Api(cast.bob).get("reports/near-misses/").json()["near_misses"]) == 1


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    assert Api(cast.charlie).get("reports/near-misses/").json()["near_misses"] == []
    assert Api(None).get("reports/near-misses/").status_code == 401
