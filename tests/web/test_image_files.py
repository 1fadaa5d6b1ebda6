"""The merged view: as a tree, flat, searched; every name is data."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.test import Client

from analyzer.models import Image
from tests.archives import Whiteout, docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.taking import bring
from tests.web.budget import get_within_budget
from tests.web.odd_names import odd_layer

UNKNOWN = f"sha256:{'0' * 64}"
BASE = layer({"etc/motd": b"hello", "etc/hosts": b"::1", "usr/bin/tool": b"#!" * 500})
APP = layer({"srv/app/main.py": b"code" * 25, "srv/app/lib/a.so.1": b"so", "etc/motd": Whiteout()})
BUILT = image([BASE, APP], tags=["shop:1"])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    bring(tmp_path, docker_save(BUILT), cast.team)
    return Image.objects.get()


def address(found: Image, query: str = "") -> str:
    return f"/images/{found.image_id}/files/{query}"


def text_of(cast: Cast, found: Image, query: str = "", **headers: str) -> str:
    return cast.client(cast.alice).get(address(found, query), headers=headers).content.decode()


def rows_of(cast: Cast, found: Image, query: str) -> str:
    return text_of(cast, found, query, **{"HX-Request": "true"})


def test_a_deleted_file_is_not_there(cast: Cast, shop: Image):
    text = text_of(cast, shop)
    assert 'title="etc/hosts"' in text
    assert "motd" not in text
    assert "<h1>shop:1</h1>" in text


def test_folders_have_the_bytes_of_all_below_them(cast: Cast, shop: Image):
    text = text_of(cast, shop)
    row = text[text.index('title="srv/app"') :].partition("</tr>")[0]
    assert 'title="102 bytes"' in row


def test_each_entry_names_the_layer_that_provides_it(cast: Cast, shop: Image):
    text = text_of(cast, shop)
    for path, provider in (("usr/bin/tool", BASE), ("srv/app/main.py", APP)):
        row = text[text.index(f'title="{path}"') :].partition("</tr>")[0]
        assert f'href="/layers/{provider.diff_id}/"' in row


def test_folders_open_by_plain_links(cast: Cast, shop: Image):
    closed = text_of(cast, shop, "?open=")
    assert "main.py" not in closed
    assert f'href="{address(shop)}?open=srv"' in closed
    opened = text_of(cast, shop, "?open=srv/app")
    assert 'title="srv/app/main.py"' in opened
    assert 'title="etc/hosts"' not in opened
    assert f'href="{address(shop)}?open=srv"' in opened  # closes app, keeps what is above


def test_htmx_gets_the_rows_of_one_folder(cast: Cast, shop: Image):
    rows = rows_of(cast, shop, "?folder=srv/app&deep=2")
    assert rows.startswith("<tr>")
    assert rows.count("<tr>") == 2
    assert 'style="--deep:2"' in rows
    assert rows.index("main.py") < rows.index("lib/")  # most bytes first


def test_a_folder_that_is_not_there_has_no_rows(cast: Cast, shop: Image):
    assert rows_of(cast, shop, "?folder=nowhere").strip() == ""
    assert rows_of(cast, shop, "?folder=etc/hosts").strip() == ""


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("?view=flat&q=MAIN", ["srv/app/main.py"]),
        ("?view=flat&q=*.py", ["srv/app/main.py"]),
        ("?view=flat&q=**/*.so.*", ["srv/app/lib/a.so.1"]),
        ("?view=flat&q=srv/*/*.py", ["srv/app/main.py"]),
        ("?view=flat&q=srv/*.py", []),
        ("?view=flat&kind=file&sort=name", ["etc/hosts", "srv/app/lib/a.so.1", "srv/app/main.py", "usr/bin/tool"]),
        ("?view=flat&kind=file&sort=-size", ["usr/bin/tool", "srv/app/main.py", "etc/hosts", "srv/app/lib/a.so.1"]),
    ],
)
def test_search_filters_and_sorts(cast: Cast, shop: Image, query: str, paths: list[str]):
    document = json.loads(cast.client(cast.alice).get(address(shop, query + "&format=json")).content)
    found = [row["path"] for row in document["files"]]
    assert found == paths


def test_a_search_in_the_tree_opens_what_it_found(cast: Cast, shop: Image):
    text = text_of(cast, shop, "?q=main")
    assert 'title="srv/app/main.py"' in text
    assert 'title="usr/bin/tool"' not in text
    assert "1 of 10 entries, 100 B" in text


def test_a_search_that_finds_nothing_says_so(cast: Cast, shop: Image):
    assert "Nothing matches." in text_of(cast, shop, "?q=nowhere")


def test_the_image_page_fetches_the_section_and_keeps_its_own_address(cast: Cast, shop: Image):
    text = text_of(cast, shop, "?tab=files", **{"HX-Request": "true", "HX-Target": "merged"})
    assert 'id="merged"' in text
    assert "<h1>" not in text
    assert f'action="/images/{shop.image_id}/"' in text
    assert f'href="/images/{shop.image_id}/?tab=files&amp;' in text
    found = cast.client(cast.alice).get(f"/images/{shop.image_id}/?q=main", headers={"HX-Target": "files"})
    assert 'id="files"' in found.content.decode()
    assert 'title="srv/app/main.py"' in found.content.decode()


def test_going_back_gets_the_whole_page(cast: Cast, shop: Image):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<h1>shop:1</h1>" in text_of(cast, shop, "?q=main", **headers)


def test_odd_names_are_shown_safely(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(image([odd_layer()])), cast.team)
    found = Image.objects.get()
    for query in ("", "?view=flat", "?open=fol%FEder"):
        text = text_of(cast, found, query)
        assert "<img src" not in text
        assert "&lt;img src=x onerror=alert(1)&gt;" in text
        assert r"new\nline" in text
        assert r"tab\ttab" in text
        assert "bad%FFbytes" in text
        assert "\u202e" not in text
        assert "→ &lt;img src=x" in text


def test_a_folder_whose_name_is_not_utf8_opens(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(image([odd_layer()])), cast.team)
    found = Image.objects.get()
    assert 'data-at="fol%FEder"' in text_of(cast, found, "?open=")
    assert 'title="fol%FEder/inside"' in text_of(cast, found, "?open=fol%FEder")
    assert 'title="fol%FEder/inside"' in rows_of(cast, found, "?folder=fol%FEder&deep=1")
    assert "inside" not in rows_of(cast, found, "?folder=fol%EF%BF%BDder&deep=1")


def test_the_csv_twin_runs_nothing(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(image([odd_layer()])), cast.team)
    response = cast.client(cast.alice).get(address(Image.objects.get(), "?format=csv"))
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert "'=cmd|' /C calc'!A0" in {row["path"] for row in rows}
    assert not any(row["path"].startswith("=") for row in rows)


def test_a_partial_image_has_no_merged_view_and_says_why(cast: Cast, tmp_path: Path):
    members = oci_layout(BUILT)
    del members["blobs/sha256/" + APP.digest.removeprefix("sha256:")]
    bring(tmp_path, members, cast.team)
    assert "The merged view needs every layer" in text_of(cast, Image.objects.get())
    assert "The merged view needs every layer" in text_of(cast, Image.objects.get(), "?q=x", **{"HX-Target": "merged"})


def test_the_view_stays_within_its_budget(cast: Cast, shop: Image):
    client = cast.client(cast.alice)
    assert get_within_budget(client, address(shop)).status_code == 200
    assert get_within_budget(client, address(shop, "?folder=srv"), **{"HX-Request": "true"}).status_code == 200


def test_team_access_works(cast: Cast, shop: Image):
    assert cast.client(cast.bob).get(address(shop)).status_code == 200


def test_a_bad_id_gives_404(cast: Cast):
    assert cast.client(cast.alice).get(f"/images/{UNKNOWN}/files/").status_code == 404


def test_ownership_is_checked(cast: Cast, shop: Image):
    for query in ("", "?format=csv", "?folder=srv"):
        assert cast.client(cast.charlie).get(address(shop, query)).status_code == 404
    assert Client().get(address(shop)).status_code == 302
