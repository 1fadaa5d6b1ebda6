"""Near misses: layers that are nearly one, in families, as far as the viewer may see both sides."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.models import LayerSketch, Team
from analyzer.services import indexing
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.images import Image as BuiltImage
from tests.taking import bring
from tests.tars import File
from tests.web.budget import get_within_budget

PAGE = "/reuse/near-misses/"
CODE = {f"srv/{number}": bytes([number]) * 20_000 for number in range(10)}
PACKAGES = {f"usr/lib/{number}": bytes([number, 9]) * 30_000 for number in range(10)}
COPIED = layer(CODE)
OWNED = layer({path: File(data=data, uid=1000) for path, data in CODE.items()})
OPENED = layer({path: File(data=data, uid=1000, mode=0o664) for path, data in CODE.items()})
BUILT = layer(PACKAGES | {"var/cache/<b>.bin": b"1" * 400_000, "var/log/dpkg.log": b"first"})
REBUILT = layer(PACKAGES | {"var/cache/<b>.bin": b"2" * 400_000, "var/log/dpkg.log": b"later"})
STEPS = ["COPY code /srv", "RUN chown -R 1000 /srv", "RUN chmod -R g+w /srv"]


def hold(folder: Path, team: Team, *images: BuiltImage) -> None:
    for built in images:
        bring(folder, docker_save(built), team, name=f"{built.tags[0]}.tar".replace(":", "-"))


@pytest.fixture
def shelf(cast: Cast, tmp_path: Path) -> Cast:
    """Alice's team: an image of three nearly equal layers, and one built twice. Charlie's: such a layer too."""
    fat = image([COPIED, OWNED, OPENED], tags=["fat:1"], history=STEPS)
    hold(tmp_path, cast.team, fat, image([BUILT], tags=["python:3"]), image([REBUILT], tags=["python:rebuilt"]))
    hold(tmp_path, cast.other_team, image([layer(CODE | {"secret": b"of Charlie"})], tags=["secret:1"]))
    indexing.ensure_indexed()
    return cast


def page(client: Client, query: str = "") -> str:
    response = client.get(f"{PAGE}{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def document(client: Client, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{PAGE}?format=json{query}").json()
    return answer


def test_families_are_told_with_what_they_cost_and_the_costliest_first(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "2 families of 5 near-miss layers cost 976.6 KiB" in text
    rebuilt = text.index("python:3 and python:rebuilt: 2 layers, 585.9 KiB stored again")
    assert rebuilt < text.index("fat:1: 3 layers, 390.6 KiB stored again")


def test_each_layer_stands_beside_the_one_it_is_nearest_to_with_the_reason_and_who_made_it(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "owner only, of 10 paths" in text
    assert "mode only, of 10 paths" in text
    assert "owner of 10 paths, mode" not in text  # first and last are joined through the one between
    assert "RUN chown -R 1000 /srv" in text
    assert "Set the owner where files are copied (COPY --chown)" in text
    assert "the twins have all 3 pairs" in text


def test_files_that_keep_two_layers_apart_are_named_and_escaped(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "They have 60.0 % in common. One file weighs 390.6 KiB: without it they would have 99.9 % in common." in text
    assert "<code>var/cache/&lt;b&gt;.bin</code>" in text
    assert "var/log/dpkg.log" in text
    assert "such as var/cache/&lt;b&gt;.bin" in text
    assert "Or build it once" in text


def test_the_threshold_is_said(shelf: Cast):
    assert 'title="65,536 bytes"' in page(shelf.client(shelf.alice))


def test_the_bars_add_up_to_what_is_lost(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert 'aria-label="Bytes stored again by family: python:3 and python:rebuilt 600,000 bytes, fat:1 400,000' in text
    assert "Bytes that each family stores again" in text


def test_without_near_misses_it_says_so(cast: Cast, tmp_path: Path):
    hold(tmp_path, cast.team, image([COPIED], tags=["app:1"]))
    indexing.ensure_indexed()
    text = page(cast.client(cast.alice))
    assert "No two layers are nearly the same" in text
    assert "data-chart" not in text


def test_layers_that_are_not_compared_yet_are_counted_and_the_page_asks_again(shelf: Cast):
    LayerSketch.objects.filter(layer__diff_id__in=[COPIED.diff_id, OWNED.diff_id]).delete()
    text = page(shelf.client(shelf.alice))
    assert "2 layers are still being compared" in text
    assert 'hx-trigger="every 3s"' in text
    assert "every 3s" not in page(shelf.client(shelf.charlie))


def test_a_pair_shows_where_both_layers_are_in_the_scope(shelf: Cast):
    text = page(shelf.client(shelf.alice), "?tag=*:rebuilt")
    assert "No two layers are nearly the same" in text
    assert "One family of 2 near-miss layers costs 585.9 KiB" in page(shelf.client(shelf.alice), "?repository=python")


def test_the_json_twin_has_every_pair_and_the_families(shelf: Cast):
    told = document(shelf.client(shelf.alice))
    assert told["lost"] == sum(family["lost"] for family in told["families"]) == 1_000_000
    assert [family["pairs"] for family in told["families"]] == [1, 3]
    assert told["least_common"] == 65_536
    assert told["not_compared"] == 0
    first = told["near_misses"][0]
    assert {first["first"], first["second"]} == {BUILT.diff_id, REBUILT.diff_id}
    assert (first["common"], first["larger"], first["rest"]) == (600_000, 1_000_005, 600_005)
    assert first["set_aside"] == ["var/cache/<b>.bin"]
    assert first["reasons"] == ["files"]
    assert len(told["near_misses"]) == 4


def test_the_csv_twin_has_a_row_a_pair(shelf: Cast):
    response = shelf.client(shelf.alice).get(f"{PAGE}?format=csv")
    assert response["Content-Disposition"] == 'attachment; filename="near_misses.csv"'
    assert response.content.decode().count("\r\n") == 5


def test_families_are_paged(shelf: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("analyzer.web.near_misses.FAMILIES", 1)
    client = shelf.client(shelf.alice)
    assert "fat:1: 3 layers" not in page(client)
    assert "fat:1: 3 layers" in page(client, "?page=2")
    assert "page 2 of 2" in page(client, "?page=2")


def test_the_number_of_queries_does_not_grow(shelf: Cast, tmp_path: Path):
    for number in range(12):
        again = layer(CODE | {"build": str(number).encode()})
        hold(tmp_path, shelf.team, image([again], tags=[f"build:{number}"]))
    indexing.ensure_indexed()
    assert get_within_budget(shelf.client(shelf.alice), PAGE).status_code == 200


def test_the_layer_page_shows_its_near_misses(shelf: Cast):
    text = shelf.client(shelf.alice).get(f"/layers/{OWNED.diff_id}/").content.decode()
    assert "Nearly the same as two other layers, with 195.3 KiB of it stored again" in text
    assert "mode only, of 10 paths" in text
    rows = shelf.client(shelf.alice).get(f"/layers/{BUILT.diff_id}/?part=near&format=json").json()["near_misses"]
    assert [(row["diff_id"], row["set_aside"], row["images"]) for row in rows] == [
        (REBUILT.diff_id, ["var/cache/<b>.bin"], ["python:rebuilt"])
    ]


def test_team_access_works(shelf: Cast):
    assert "2 families" in page(shelf.client(shelf.bob))


def test_a_bad_team_gives_404(shelf: Cast):
    assert shelf.client(shelf.alice).get(f"{PAGE}?team=nobody").status_code == 404


def test_ownership_is_checked(shelf: Cast):
    charlie = shelf.client(shelf.charlie)
    assert "No two layers are nearly the same" in page(charlie)
    assert document(charlie)["near_misses"] == []
    assert "secret" not in page(shelf.client(shelf.alice))
    assert charlie.get(f"{PAGE}?team={shelf.team.slug}").status_code == 404
    text = shelf.client(shelf.alice).get(f"/layers/{COPIED.diff_id}/").content.decode()
    assert "Nearly the same as two other layers" in text
    assert Client().get(PAGE).status_code == 302
