"""Find: one box, and what it finds side by side, among what the viewer may see."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from analyzer.services.indexing import ensure_indexed
from tests.cast import Cast
from tests.filetree.stacks import file, folder, raw, symlink, whiteout
from tests.shelving import shelve
from tests.web.budget import get_within_budget

OLD = file("usr/lib/liblzma.so.5.4.1", 9, "old")
NEW = file("usr/lib/liblzma.so.5.6.0", 10, "new")
BASE = [folder("usr"), OLD, symlink("usr/lib/liblzma.so.5", "liblzma.so.5.4.1")]


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    shelve(cast.team, "debian:12", [BASE])
    shelve(cast.team, "shop:1", [BASE, [NEW, whiteout("usr/lib/liblzma.so.5.4.1")]], config={"Env": ["MODE=fast"]})
    shelve(cast.other_team, "secret:1", [BASE, [file("srv/secret", 3, "secret")]])
    ensure_indexed(only=["postings"])
    return cast


def page(client: Client, query: str, **parameters: str) -> str:
    response = client.get("/find/", {"q": query, **parameters})
    assert response.status_code == 200
    return str(response.content.decode())


def document(client: Client, query: str) -> Any:
    return client.get("/find/", {"q": query, "format": "json"}).json()


def test_while_nothing_is_asked_for_it_says_what_can_be(cast: Cast) -> None:
    text = page(cast.client(cast.alice), "")
    assert "What can be asked for" in text
    assert "package:openssl" in text


def test_every_page_has_the_box(cast: Cast) -> None:
    assert 'role="search" action="/find/"' in cast.client(cast.alice).get("/jobs/").content.decode()


def test_versions_of_a_file_stand_side_by_side(shelf: Cast) -> None:
    text = page(shelf.client(shelf.alice), "**/liblzma.so.5*")
    assert "2 contents under 3 paths in 2 images" in text
    assert "liblzma.so.5.4.1" in text
    assert "hidden in 1" in text
    assert "→ liblzma.so.5.4.1" in text
    assert "is in 2 of 2 images" in text  # the chart's title
    assert "versions-figure" in text


def test_a_path_leads_to_the_layer_that_has_it(shelf: Cast) -> None:
    text = page(shelf.client(shelf.alice), "usr/lib/liblzma.so.5.6.0")
    assert "?q=usr/lib/liblzma.so.5.6.0" in text
    assert "1 content under 1 path in 1 image" in text


def test_it_says_when_a_text_was_not_found_as_it_was_typed(shelf: Cast) -> None:
    text = page(shelf.client(shelf.alice), "LZMA")
    assert "these paths contain it" in text
    assert "Nothing found" in page(shelf.client(shelf.alice), "zzz")


def test_images_that_are_called_so_stand_beside_the_files(shelf: Cast) -> None:
    text = page(shelf.client(shelf.alice), "shop")
    assert "Images that are called so" in text
    assert ">shop:1</a>" in text
    assert "secret" not in page(shelf.client(shelf.alice), "secret").replace('value="secret"', "").replace(
        "<title>secret", ""
    )


def test_its_twins_are_the_document_of_the_command_and_a_line_an_image(shelf: Cast) -> None:
    client = shelf.client(shelf.alice)
    found = document(client, "liblzma.so.5.4.1")
    assert (found["how"], found["truncated"]) == ("name", False)
    [match] = found["matches"]
    assert match["path"] == "usr/lib/liblzma.so.5.4.1"
    assert {image["references"][0]: image["visible"] for image in match["images"]} == {
        "docker.io/library/debian:12": True,
        "docker.io/library/shop:1": False,
    }
    rows = list(csv.DictReader(io.StringIO(client.get("/find/?q=liblzma.so.5.4.1&format=csv").content.decode())))
    assert {row["references"]: row["visible"] for row in rows} == {
        "docker.io/library/debian:12": "yes",
        "docker.io/library/shop:1": "no",
    }


def test_many_rows_come_in_pages_and_more_matches_by_more(cast: Cast) -> None:
    shelve(cast.team, "many", [[file(f"srv/file-{number:03}", number) for number in range(300)]])
    ensure_indexed(only=["postings"])
    client = cast.client(cast.alice)
    first = page(client, "file-*")
    assert "50 contents under 50 paths in more than 1 image" in first
    assert "most=200" in first
    assert len(first) < 150_000
    more = page(client, "file-*", most="200")
    assert "1–50 of 200" in more
    assert 'rel="next"' in more
    assert "most=800" in page(client, "file-*", page="4", most="200")
    assert "251–300 of 300" in page(client, "file-*", page="6", most="800")
    assert len(document(client, "file-*")["matches"]) == 200


@pytest.mark.parametrize(
    "query", ["*", "a", "x" * 10_240, "\0", "[z-a]", "[", "[[a]", "?" * 200, "ü€", "\U0001f4a9", "%", "\\"]
)
def test_a_hostile_query_is_answered(shelf: Cast, query: str) -> None:
    assert shelf.client(shelf.alice).get("/find/", {"q": query}).status_code == 200


def test_a_query_that_is_none_is_refused_in_a_sentence(shelf: Cast) -> None:
    assert "A query has at most 1,024 characters." in page(shelf.client(shelf.alice), "x" * 2000)


@pytest.mark.parametrize("most", ["0", "-1", "x", "9" * 30, "²"])
def test_an_odd_number_of_matches_is_the_usual_one(shelf: Cast, most: str) -> None:
    page(shelf.client(shelf.alice), "usr", most=most)


def test_names_are_data(cast: Cast) -> None:
    shelve(cast.team, "odd", [[raw(b"<script>alert(1)</script>", size=1), raw(b"=cmd\xff\n", size=1)]])
    ensure_indexed(only=["postings"])
    client = cast.client(cast.alice)
    assert "<script>alert" not in page(client, "contains:script")
    assert "<script>alert" not in page(client, "<script>alert(1)")
    assert "%FF" in page(client, "contains:=cmd")
    assert "'=cmd" in client.get("/find/?q=contains:%3Dcmd&format=csv").content.decode()


def test_layers_that_wait_are_said(cast: Cast) -> None:
    shelve(cast.team, "new", [[file("a", 1)]])
    client = cast.client(cast.alice)
    assert "1 of 1 layer is being indexed" in page(client, "")
    assert "1 content under 1 path in 1 image" in page(client, "a")
    ensure_indexed(only=["postings"])
    assert "being indexed" not in page(client, "a")


def test_the_number_of_queries_does_not_grow_with_the_matches(shelf: Cast) -> None:
    client = shelf.client(shelf.alice)
    for number in range(12):
        shelve(shelf.team, f"app{number}", [BASE, [file(f"srv/lib{number}.so", number)]])
    ensure_indexed(only=["postings"])
    for query in ("**/lib*", "liblzma.so.5", "env:MODE", OLD.sha256.hex() if OLD.sha256 else ""):
        assert get_within_budget(client, f"/find/?q={query}").status_code == 200


def test_team_access_works(shelf: Cast) -> None:
    assert document(shelf.client(shelf.bob), "shop:1")["matches"][0]["kind"] == "image"


def test_what_nobody_holds_is_not_found(shelf: Cast) -> None:
    assert document(shelf.client(shelf.alice), "sha256:" + "0" * 64)["matches"] == []


def test_ownership_is_checked(shelf: Cast) -> None:
    alice, charlie = shelf.client(shelf.alice), shelf.client(shelf.charlie)
    assert document(charlie, "srv/secret")["matches"]
    secret = document(charlie, "srv/secret")["matches"][0]
    for query in (
        "srv/secret",
        "secret",
        "secret:1",
        secret["layer"],
        secret["sha256"],
        secret["images"][0]["image_id"],
    ):
        assert document(alice, query)["matches"] == [], query
    shared = document(charlie, "liblzma.so.5.4.1")["matches"][0]
    assert [image["references"] for image in shared["images"]] == [["docker.io/library/secret:1"]]
    assert shared["images_count"] == 1
    assert document(charlie, "env:MODE")["matches"] == []
    assert Client().get("/find/?q=a").status_code == 302
