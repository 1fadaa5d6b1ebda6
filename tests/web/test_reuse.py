"""The first page of Reuse, and the frame that all of them stand in."""

from typing import Any

import pytest

from analyzer.models import Archive, ArchiveImage, Layer
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors.sharing import HeldLayer, histogram_of
from analyzer.web import reuse
from tests.cast import Cast
from tests.rows import add_image, diff_id
from tests.web.budget import get_within_budget

BASE = {"base": 1_048_576}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """Alice's team holds a base and two images on it; Charlie's team holds one of its own."""
    add_image(cast.team, ["base"], layers=BASE, minutes=0)
    add_image(cast.team, ["web"], layers={**BASE, "web": 1024}, waste=512, minutes=1)
    add_image(cast.team, ["fat:1"], layers={**BASE, "fat": 4096}, waste=2048, minutes=2)
    add_image(cast.other_team, ["secret"], layers={**BASE, "secret": 7}, minutes=3)
    return cast


def page(cast: Cast, query: str = "") -> str:
    response = cast.client(cast.alice).get(f"/reuse/{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_frame_says_what_the_scope_is(shelf: Cast):
    assert "<span>3 images</span>" in page(shelf)
    assert "<span>2 images tagged *:latest</span>" in page(shelf, "?tag=*:latest")


def test_tabs_keep_the_scope(shelf: Cast):
    assert '<a href="/reuse/?tag=%2A%3Alatest" aria-current="page">Ladder</a>' in page(shelf, "?tag=*:latest")


def test_an_empty_scope_says_so_and_leads_back(shelf: Cast):
    text = page(shelf, "?tag=nothing")
    assert "No image is tagged nothing" in text
    assert '<a href="?">Look at all 3 images</a>' in text


def test_without_any_image_the_page_says_what_to_do(cast: Cast):
    assert "There is no image yet, so nothing is shared" in page(cast)


def test_a_bad_date_is_said_and_left_out(shelf: Cast):
    text = page(shelf, "?since=soon&tag=*:latest")
    assert "since is not a date: write it as 2026-11-24." in text
    assert "<span>2 images tagged *:latest</span>" in text


def test_a_team_of_others_is_not_found(shelf: Cast):
    assert shelf.client(shelf.alice).get(f"/reuse/?team={shelf.other_team.slug}").status_code == 404


def rows(cast: Cast, part: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cast.client(cast.alice).get(f"/reuse/?part={part}&format=json{query}").json()[part]
    return found


def test_the_ladder_says_what_sharing_saves(shelf: Cast):
    text = page(shelf)
    assert "Sharing layers saves 66.6 % of 3.00 MiB" in text
    assert [row["size"] for row in rows(shelf, "ladder")][:3] == [3_150_848, 1_053_696, 1_053_696]


def test_layers_are_counted_by_the_images_that_hold_them(shelf: Cast):
    assert "One of 3 layers is shared, and does all the saving" in page(shelf)
    assert rows(shelf, "histogram") == [
        {"low": 3, "high": 3, "layers": 1, "stored": 1_048_576, "naive": 3_145_728},
        {"low": 1, "high": 1, "layers": 2, "stored": 5120, "naive": 5120},
    ]


def test_the_layers_of_a_bar_are_listed(shelf: Cast):
    text = page(shelf, "?held=3&tag=*")
    assert "1 layer in 3 images" in text
    assert diff_id("base") in text
    assert '<a href="?tag=%2A#held">Close</a>' in text
    assert "Close</a>" not in page(shelf, "?held=7")


def test_many_numbers_of_holders_are_grouped_by_powers_of_two():
    layers = [HeldLayer(f"sha256:{number}", 10, number, ()) for number in range(1, 21)]
    found = [(row.key, row.layers) for row in histogram_of(layers)]
    assert found == [("17-32", 4), ("9-16", 8), ("5-8", 4), ("3-4", 2), ("2", 1), ("1", 1)]
    assert sum(row.naive for row in histogram_of(layers)) == sum(item.size * item.images for item in layers)


def test_the_empty_layer_is_in_no_chart(cast: Cast):
    for name in ("one", "two"):
        add_image(cast.team, [name], layers={"empty": 0, name: 1})
    Layer.objects.filter(diff_id=diff_id("empty")).update(diff_id=EMPTY_LAYER_DIFF_ID)
    assert rows(cast, "histogram") == [{"low": 1, "high": 1, "layers": 2, "stored": 2, "naive": 2}]
    assert len(rows(cast, "spread")) == 2


def test_each_image_has_shared_and_unique_bytes_and_the_table_sorts(shelf: Cast):
    assert {row["references"][0]: (row["shared"], row["unique"]) for row in rows(shelf, "per_image")} == {
        "docker.io/library/base:latest": (1_048_576, 0),
        "docker.io/library/web:latest": (1_048_576, 1024),
        "docker.io/library/fat:1": (1_048_576, 4096),
    }
    by_unique, by_name = page(shelf), page(shelf, "?sort=-name")
    assert by_unique.index(">fat:1</a></th>") < by_unique.index(">web</a></th>") < by_unique.index(">base</a></th>")
    assert by_name.index(">web</a></th>") < by_name.index(">fat:1</a></th>")
    assert "Three of 3 images share more than half of the bytes" in by_unique


def test_savings_grow_with_the_collection(shelf: Cast):
    assert "With 3 images a stored byte serves 2.99 bytes, with the first it was 1.00" in page(shelf)
    assert [(row["number"], row["naive"], row["stored"]) for row in rows(shelf, "growth")] == [
        (1, 1_048_576, 1_048_576),
        (2, 2_098_176, 1_049_600),
        (3, 3_150_848, 1_053_696),
    ]


def test_days_tell_what_came_in_and_what_of_it_was_new(shelf: Cast):
    add_image(shelf.team, ["late"], layers={**BASE, "late": 100}, minutes=24 * 60)
    assert "24 November 2026 brought most: 3.00 MiB, 1.00 MiB of it new" in page(shelf)
    assert [(row["day"], row["images"], row["logical"], row["new"]) for row in rows(shelf, "days")] == [
        ("2026-11-24", 3, 3_150_848, 1_053_696),
        ("2026-11-25", 1, 1_048_676, 100),
    ]
    assert rows(shelf, "days", "&since=2026-11-25")[0]["new"] == 1_048_676


def test_fair_costs_of_the_viewers_teams_add_up_to_the_disk(shelf: Cast):
    shelf.other_team.memberships.create(user=shelf.alice)
    text = page(shelf)
    assert "Fair costs add up to the 1.00 MiB on the disk; stores of their own would take 2.00 MiB" in text
    owners = rows(shelf, "owners")
    assert {owner["team"]: owner["fair_cost"] for owner in owners} == {
        shelf.team.slug: 524_288 + 5120,
        shelf.other_team.slug: 524_288 + 7,
    }
    assert [owner["team"] for owner in rows(shelf, "owners", f"&team={shelf.team.slug}")] == [shelf.team.slug]


def test_layers_are_spread_by_size_files_and_compression(shelf: Cast):
    archive = Archive.objects.create(team=shelf.team, name="web.tar", format="oci-archive", size=1, whole=True)
    told = [
        {"diff_id": diff_id("web"), "blob_size": size, "compression": how, "status": "ok"}
        for size, how in ((1024, "gzip"), (512, "zstd"), (100, "none"))
    ]
    web = shelf.team.images.get(references__repository__endswith="web")
    ArchiveImage.objects.create(archive=archive, image=web, position=0, layers=told)
    spread = {row["diff_id"]: row for row in rows(shelf, "spread")}
    assert (spread[diff_id("web")]["blob_size"], spread[diff_id("fat")]["blob_size"]) == (512, None)
    text = page(shelf)
    assert "Half of the layers have at most 4.00 KiB, nine of ten at most 1.00 MiB" in text
    assert "Half of the layers hold at most 1 file, nine of ten at most 1 file" in text
    assert "Half of the layers compress 4.0 : 1 or less, the best one 4.0 : 1" in text


def test_how_another_team_compressed_a_layer_is_not_told(shelf: Cast):
    archive = Archive.objects.create(team=shelf.other_team, name="x.tar", format="oci-archive", size=1, whole=True)
    secret = shelf.other_team.images.get()
    told = [{"diff_id": diff_id("base"), "blob_size": 10, "compression": "gzip", "status": "ok"}]
    ArchiveImage.objects.create(archive=archive, image=secret, position=0, layers=told)
    assert {row["blob_size"] for row in rows(shelf, "spread")} == {None}
    assert "No layer came in compressed" in page(shelf)


def test_how_layers_of_many_images_are_spread_is_asked_afterwards(shelf: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reuse, "QUICK_IMAGES", 2)
    text = page(shelf)
    assert 'hx-get="?spread=yes"' in text
    assert "sizes-figure" not in text
    assert "sizes-figure" in page(shelf, "?spread=yes")
    fragment = shelf.client(shelf.alice).get(
        "/reuse/?spread=yes", headers={"HX-Request": "true", "HX-Target": "spread"}
    )
    assert "sizes-figure" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()


def test_the_ladder_alone_is_given_to_who_counts_contents(shelf: Cast):
    headers = {"HX-Request": "true", "HX-Target": "ladder"}
    text = shelf.client(shelf.alice).get("/reuse/?count=yes", headers=headers).content.decode()
    assert 'id="ladder"' in text
    assert "<html" not in text


def test_the_table_alone_is_given_where_it_is_sorted(shelf: Cast):
    headers = {"HX-Request": "true", "HX-Target": "images"}
    response = shelf.client(shelf.alice).get("/reuse/?sort=size", headers=headers)
    text = response.content.decode()
    assert 'id="images"' in text
    assert 'id="ladder"' not in text
    assert "HX-Target" in response["Vary"]


def test_every_table_has_a_csv_twin(shelf: Cast):
    client = shelf.client(shelf.alice)
    for part in ("ladder", "per_image", "histogram", "held", "spread", "growth", "days", "owners"):
        response = client.get(f"/reuse/?part={part}&format=csv")
        assert response["Content-Disposition"] == f'attachment; filename="{part}.csv"'
        assert len(response.content.splitlines()) > 1
    assert client.get("/reuse/?part=nothing&format=csv").status_code == 404
    assert client.get("/reuse/?format=csv").content.startswith(b"step,")


def test_an_image_that_lacks_a_layer_is_left_out_of_the_sums_and_said_so(shelf: Cast):
    add_image(shelf.team, ["legacy"], layers={**BASE, "gone": 5}, missing=["gone"])
    text = page(shelf)
    assert "1 image left out of the sums: a layer is missing" in text
    assert ">legacy</a>" in text


def test_a_scope_of_images_that_all_lack_a_layer_is_a_page(cast: Cast):
    add_image(cast.team, ["legacy"], layers={**BASE, "gone": 5}, missing=["gone"])
    text = page(cast)
    assert "No layer is in two images yet" in text
    assert "No team holds a whole image here" in text


def test_names_of_archives_are_escaped(cast: Cast):
    add_image(cast.team, ["app:<script>alert(1)</script>"], layers=BASE)
    assert "<script>alert" not in page(cast)


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    for number in range(20):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
    assert get_within_budget(shelf.client(shelf.alice), "/reuse/").status_code == 200


def test_team_access_works(shelf: Cast):
    assert "<span>3 images</span>" in str(shelf.client(shelf.bob).get("/reuse/").content.decode())


def test_ownership_is_checked(shelf: Cast):
    text = shelf.client(shelf.charlie).get("/reuse/").content.decode()
    assert "<span>1 image</span>" in text
    assert "fat:1" not in text
