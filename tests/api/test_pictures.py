"""Forest, heat map and grid by the API: the documents of the pages."""

import pytest
from ninja import Schema

from analyzer.api.pictures import ForestOut, GridOut, HeatMapOut
from tests.api.client import Api
from tests.cast import Cast
from tests.rows import add_image

REPORTS: tuple[tuple[str, type[Schema]], ...] = (("forest", ForestOut), ("heat-map", HeatMapOut), ("grid", GridOut))


@pytest.fixture
def alice(cast: Cast) -> Api:
    add_image(cast.team, ["base"], layers={"debian": 1000})
    add_image(cast.team, ["app"], layers={"debian": 1000, "app": 200})
    add_image(cast.team, ["shop"], layers={"debian": 1000, "shop": 300})
    return Api(cast.alice)


@pytest.mark.parametrize(("report", "schema"), REPORTS)
def test_it_is_the_document_of_the_page(alice: Api, cast: Cast, report: str, schema: type[Schema]) -> None:
    document = alice.get(f"reports/{report}/").json()
    assert schema.model_validate(document).model_dump(exclude_unset=True) == document
    assert document == cast.client(cast.alice).get(f"/reuse/{report}/?format=json").json()


def test_a_part_of_the_forest_is_asked_for(alice: Api) -> None:
    whole = alice.get("reports/forest/").json()
    assert (whole["size"], whole["images"]) == (1500, 3)
    root, first, _ = whole["chains"]
    on_it = alice.get(f"reports/forest/?at={root['chain_id']}&from=1").json()
    assert (on_it["size"], on_it["images"]) == (200, 1)
    assert alice.get(f"reports/forest/?at={first['chain_id']}").json()["size"] == 300
    assert alice.get("reports/forest/?at=nothing").status_code == 404
    assert alice.get("reports/forest/?from=x").status_code == 422


def test_the_heat_map_is_asked_for_by_a_key(alice: Api) -> None:
    assert alice.get("reports/heat-map/?key=layer").json()["key"] == "layer"
    assert alice.get("reports/heat-map/?key=blob").status_code == 404


def test_the_grid_is_of_the_images_that_are_named(alice: Api) -> None:
    grid = alice.get("reports/grid/?image=app&image=shop").json()
    assert [layer["saves"] for layer in grid["layers"]] == [1000, 0, 0]
    assert (grid["naive"], grid["stored"]) == (2500, 1500)
    assert alice.get("reports/grid/?image=nothing").status_code == 404


@pytest.mark.parametrize("report", [report for report, _ in REPORTS])
def test_it_is_narrowed_to_a_scope(alice: Api, cast: Cast, report: str) -> None:
    assert alice.get(f"reports/{report}/?tag=app:*").json()["scope"]["tag"] == "app:*"
    assert alice.get(f"reports/{report}/?team={cast.other_team.slug}").status_code == 404


def test_team_access_works(alice: Api, cast: Cast) -> None:
    assert len(Api(cast.bob).get("reports/heat-map/").json()["pairs"]) == 3


@pytest.mark.parametrize("report", [report for report, _ in REPORTS])
def test_ownership_is_checked(alice: Api, cast: Cast, report: str) -> None:
    document = Api(cast.charlie).get(f"reports/{report}/").json()
    assert [document[name] for name in ("chains", "pairs", "layers") if name in document] == [[]]
    assert Api(cast.charlie).get("reports/grid/?image=app").status_code == 404
    assert Api(None).get(f"reports/{report}/").status_code == 401
