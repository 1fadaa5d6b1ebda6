"""Images by the API: the list with the page's filters, the document, the merged view, deletion."""

from pathlib import Path

import pytest

from analyzer.api.imageschemas import EntryOut, ImageOut, ImageRow
from analyzer.models import Image
from analyzer.selectors.documents import archive_document
from tests.api.client import Api
from tests.archives import Image as Built
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring

BASE = {"etc/motd": b"hello", "usr/bin/tool": b"x" * 5000}


def app() -> Built:
    return image(
        [
            layer(BASE),
            layer({"etc/motd": b"hi", "srv/naïve": b"snow", b"srv/\xff.bin": b"12", "usr/bin/.wh.tool": b""}),
        ],
        tags=["app:1"],
        history=["COPY base /", "#ENV A=1", "COPY app /"],
    )


@pytest.fixture
def alice(cast: Cast, tmp_path: Path) -> Api:
    bring(tmp_path, docker_save(image([layer(BASE)], tags=["base:1"])), cast.team, name="base.tar")
    bring(tmp_path, docker_save(app()), cast.team, name="app.tar")
    return Api(cast.alice)


def test_the_list_has_the_figures_of_the_page(alice: Api) -> None:
    page = alice.get("images/").json()
    assert (page["count"], page["page"], page["next"], page["previous"]) == (2, 1, None, None)
    first, second = page["results"]
    assert [first["references"], second["references"]] == [["docker.io/library/app:1"], ["docker.io/library/base:1"]]
    assert first["base"] == second["image_id"]
    assert first["size"] == second["size"] + first["own_size"]
    for row in page["results"]:
        assert ImageRow.model_validate(row).model_dump(exclude_unset=True) == row


def test_the_list_is_narrowed_sorted_and_paged(alice: Api) -> None:
    def names(query: str) -> list[str]:
        return [row["references"][0].rpartition("/")[2] for row in alice.get(f"images/?{query}").json()["results"]]

    assert names("q=base") == ["base:1"]
    assert names("sort=size") == ["base:1", "app:1"]
    assert names("sort=-size") == ["app:1", "base:1"]
    assert names(f"layer={app().layers[1].diff_id}") == ["app:1"]
    assert names("page_size=1") == ["app:1"]
    first = alice.get("images/?page_size=1&sort=-size").json()
    assert first["count"] == 2
    second = alice.call("GET", first["next"]).json()
    assert [row["references"] for row in second["results"]] == [["docker.io/library/base:1"]]
    assert second["next"] is None
    assert "page=1" in second["previous"]


def test_a_filter_that_is_not_valid_is_refused(alice: Api) -> None:
    response = alice.get("images/?platform=plan9/vax")
    assert response.status_code == 422
    assert response.json()["errors"][0]["where"] == "query.platform"


def test_the_document_is_that_of_the_command_with_the_archives_beside(alice: Api, cast: Cast) -> None:
    document = alice.get(f"images/{app().id}/").json()
    assert ImageOut.model_validate(document).model_dump(exclude_unset=True) == document
    archive = cast.team.archives.get(name="app.tar")
    expected = archive_document(archive)["images"][0]
    beside = {name: document.pop(name) for name in ("archives", "attestations", "findings", "secret_search")}
    assert document == expected
    assert beside["archives"] == [{"name": "app.tar", "format": "docker-archive", "size": archive.size}]
    assert beside["findings"] == archive.findings
    assert beside["secret_search"] == {"waiting": 2, "by_name_alone": [], "unread_files": 0}


def test_a_layer_that_one_archive_lacks_and_another_brought_is_there(alice: Api, cast: Cast, tmp_path: Path) -> None:
    built = app()
    members = docker_save(built)
    name = next(name for name, data in members.items() if data == built.layers[0].tar)
    del members[name]
    bring(tmp_path, members, cast.team, name="holes.tar")
    document = alice.get(f"images/{built.id}/").json()
    assert [each["status"] for each in document["layers"]] == ["ok", "ok"]
    assert [each["name"] for each in document["archives"]] == ["holes.tar", "app.tar"]
    assert "blob-missing" in {finding["code"] for finding in document["findings"]}


def test_the_merged_view_says_which_layer_provides_each_entry(alice: Api) -> None:
    page = alice.get(f"images/{app().id}/merged/").json()
    found = {entry["path"]: entry for entry in page["results"]}
    assert found["etc/motd"]["layer"] == 1
    assert "usr/bin/tool" not in found
    assert page["count"] == alice.get(f"images/{app().id}/").json()["merged"]["entries"] == len(found)
    odd = found["srv/%FF.bin"]
    assert odd["path_bytes"] == "c3J2L/8uYmlu"
    for entry in page["results"]:
        assert EntryOut.model_validate(entry).model_dump(exclude_unset=True) == entry


def test_the_merged_view_is_picked_sorted_and_paged(alice: Api) -> None:
    def paths(query: str) -> list[str]:
        return [entry["path"] for entry in alice.get(f"images/{app().id}/merged/?{query}").json()["results"]]

    assert paths("q=motd") == ["etc/motd"]
    assert paths("q=srv/*&sort=-size") == ["srv/naïve", "srv/%FF.bin"]
    assert set(paths("kind=dir")) <= {"etc", "srv", "usr", "usr/bin"}
    everything = paths("")
    assert paths("page=2&page_size=2") == everything[2:4]
    assert alice.get(f"images/{app().id}/merged/?sort=colour").status_code == 422


def test_a_merged_view_that_nobody_knows_is_not_there(alice: Api, cast: Cast, tmp_path: Path) -> None:
    other = image([layer({"a": b"1"}), layer({"b": b"2"})], tags=["torn:1"])
    members = docker_save(other)
    del members[next(name for name, data in members.items() if data == other.layers[0].tar)]
    bring(tmp_path, members, cast.team, name="torn.tar")
    response = alice.get(f"images/{other.id}/merged/")
    assert response.status_code == 404
    assert "missing" in response.json()["detail"]
    document = alice.get(f"images/{other.id}/").json()
    assert (document["size"], document["merged"], document["waste"]) == (None, None, None)


def test_an_image_is_taken_from_the_team(alice: Api) -> None:
    response = alice.delete(f"images/{app().id}/")
    assert response.status_code == 200
    assert response.json()["layers"] == 1
    assert alice.get(f"images/{app().id}/").status_code == 404
    assert alice.get("images/").json()["count"] == 1


def test_an_image_is_taken_from_the_team_that_is_named_only(alice: Api, cast: Cast) -> None:
    assert alice.delete(f"images/{app().id}/?team={cast.other_team.slug}").status_code == 404
    assert alice.delete(f"images/{app().id}/?team={cast.team.slug}").status_code == 200


def test_team_access_works(alice: Api, cast: Cast) -> None:
    bob = Api(cast.bob)
    assert bob.get("images/").json()["count"] == 2
    assert bob.get(f"images/{app().id}/").status_code == 200
    assert bob.get(f"images/{app().id}/merged/").status_code == 200


def test_a_bad_id_gives_404(alice: Api) -> None:
    for ref in ("sha256:" + "0" * 64, "sha256:short", f"{app().id}@{app().id}"):
        assert alice.get(f"images/{ref}/").status_code == 404
        assert alice.delete(f"images/{ref}/").status_code == 404


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    charlie = Api(cast.charlie)
    assert charlie.get("images/").json()["count"] == 0
    assert charlie.get(f"images/{app().id}/").status_code == 404
    assert charlie.get(f"images/{app().id}/merged/").status_code == 404
    assert charlie.delete(f"images/{app().id}/").status_code == 404
    assert Image.objects.filter(image_id=app().id).exists()
    assert Api(None).get("images/").status_code == 401
