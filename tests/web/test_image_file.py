"""The File page: blame, the bytes, what differs between versions, and where the content is else."""

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from analyzer.models import Image
from analyzer.services.jobs import create_job
from tests.archives import File, Hardlink, Opaque, Symlink, Whiteout, docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.hostile import CORPUS
from tests.taking import bring, run_job, run_steps
from tests.web.budget import get_within_budget
from tests.web.odd_names import odd_layer

UNKNOWN = f"sha256:{'0' * 64}"
NOISE = random.Random(2).randbytes(3000)
BASE = layer(
    {
        "etc/motd": b"hello\nold line\nend\n",
        "etc/twin": b"#!/bin/sh\n",
        "etc/passwd": Symlink(target="../usr/share/passwd"),
        "usr/share/passwd": b"root:x:0:0\n",
        "usr/bin/tool": NOISE,
        "usr/bin/again": Hardlink(target="usr/bin/tool"),
        "cache/a": b"secret",
    }
)
MIDDLE = layer({"etc/motd": b"hello\nnew line\nend\n", "srv/run": b"#!/bin/sh\n", "cache": Opaque()})
TOP = layer({"etc/motd": File(data=b"hello\nnew line\nend\n", mode=0o600), "srv/run": Whiteout()})
BUILT = image([BASE, MIDDLE, TOP], tags=["shop:1"], history=["ADD file in /", "RUN make <all>", "RUN chmod 600"])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    run_job(tmp_path, docker_save(BUILT), cast.team)
    return Image.objects.get()


def address(query: str, page: str = "file/", image_id: str = BUILT.id) -> str:
    return f"/images/{image_id}/{page}?{query}"


def text_of(cast: Cast, query: str, image_id: str = BUILT.id) -> str:
    response = cast.client(cast.alice).get(address(query, image_id=image_id))
    assert response.status_code == 200
    return response.content.decode()


def document_of(cast: Cast, query: str) -> Any:
    return json.loads(cast.client(cast.alice).get(address(f"{query}&format=json")).content)


def status_of(client: Client, asked: str) -> int:
    response = client.get(asked)
    if response.streaming:
        body(response)  # and the blob is closed
    return response.status_code


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_blame_tells_layer_by_layer_with_the_instruction(cast: Cast, shop: Image):
    text = text_of(cast, "path=etc/motd")
    assert "A file that layer 0 brought, 2 layers changed" in text
    assert text.index(TOP.diff_id) < text.index(MIDDLE.diff_id) < text.index(BASE.diff_id)  # newest first
    assert "RUN make &lt;all&gt;" in text
    document = document_of(cast, "path=etc/motd")
    told = [(each["layer"], each["change"], each["changed"]) for each in document["versions"]]
    assert told == [(0, "added", []), (1, "modified", ["content"]), (2, "modified", ["mode"])]
    assert document["visible"] is True
    assert document["versions"][0]["sha256"] != document["versions"][1]["sha256"]


def test_a_path_that_was_hidden_is_shown_as_it_was_before(cast: Cast, shop: Image):
    text = text_of(cast, "path=srv/run")
    assert "layer 2 hid it" in text
    assert "removed by a whiteout" in text
    assert "srv/.wh.run" in text
    assert "<li>#!/bin/sh</li>" in text
    assert document_of(cast, "path=srv/run")["versions"][1]["cause"] == "deleted"
    assert document_of(cast, "path=cache/a")["versions"][1]["cause"] == "opaque"
    assert "<li>secret</li>" in text_of(cast, "path=cache/a")


def test_a_text_is_shown_with_its_lines_of_the_layer_that_one_looks_from(cast: Cast, shop: Image):
    newest, first = text_of(cast, "path=etc/motd"), text_of(cast, "path=etc/motd&at=0")
    assert "<li>new line</li>" in newest
    assert "Text, UTF-8: 3 lines" in newest
    assert "<li>old line</li>" in first
    assert 'href="?path=etc/motd&amp;at=0"' in newest


def test_what_is_no_text_is_shown_in_hexadecimal(cast: Cast, shop: Image):
    text = text_of(cast, "path=usr/bin/tool")
    assert "No text: bytes 0–1,024 of 3,000 in hexadecimal" in text
    assert NOISE[:16].hex(" ") in text
    assert 'href="?path=usr/bin/tool&amp;from=1024&amp;line=1&amp;encoding=#look"' in text
    assert NOISE[1024:1040].hex(" ") in text_of(cast, "path=usr/bin/tool&from=1024&line=1&encoding=")


def test_two_versions_of_a_text_are_compared(cast: Cast, shop: Image):
    assert 'href="?path=etc/motd&amp;at=1&amp;diff=0#look"' in text_of(cast, "path=etc/motd")
    text = text_of(cast, "path=etc/motd&at=1&diff=0")
    assert "From layer 0 to layer 1: 1 line came, 1 went" in text
    assert '<td class="sign">-</td><td>old line</td>' in text
    assert '<td class="sign">+</td><td>new line</td>' in text
    assert "Line by line they are the same." in text_of(cast, "path=etc/motd&at=2&diff=1")


def test_what_cannot_be_compared_says_why(cast: Cast, shop: Image):
    assert "A version is no text" in text_of(cast, "path=usr/bin/tool&at=1&diff=0")
    assert "One of the two versions has no bytes" in text_of(cast, "path=srv/run&at=1&diff=0")
    assert cast.client(cast.alice).get(address("path=etc/motd&diff=9")).status_code == 404


def test_the_same_bytes_elsewhere_in_the_image_are_named(cast: Cast, shop: Image):
    text = text_of(cast, "path=etc/twin")
    assert "The same bytes 1 time more in this image" in text
    assert 'href="?path=srv/run&amp;at=1"' in text
    assert "no, a later layer hid it" in text
    rows = csv.DictReader(
        io.StringIO(cast.client(cast.alice).get(address("path=etc/twin&format=csv&part=copies")).content.decode())
    )
    assert [(row["path"], row["layer"], row["visible"]) for row in rows] == [
        ("etc/twin", "0", "True"),
        ("srv/run", "1", "False"),
    ]
    assert "Nowhere else" in text_of(cast, "path=etc/motd&at=0")


def test_links_lead_on(cast: Cast, shop: Image):
    assert '<a class="mono path" href="?path=usr/share/passwd">../usr/share/passwd</a>' in text_of(
        cast, "path=etc/passwd"
    )
    text = text_of(cast, "path=usr/bin/again")
    assert "in hexadecimal" in text
    assert "A hard link that layer 0 brought" in text
    assert body(cast.client(cast.alice).get(address("path=usr/bin/again", "file/bytes/"))) == NOISE


def test_a_folder_leads_to_what_is_in_it_and_downloads_as_a_tar(cast: Cast, shop: Image):
    text = text_of(cast, "path=usr/bin")
    assert "a folder, as entries below it imply" in text
    assert f'href="/images/{BUILT.id}/files/?at=2&amp;open=usr/bin"' in text
    assert f'href="/images/{BUILT.id}/tar/?path=usr/bin&amp;at=2"' in text


def test_a_file_downloads_as_nothing_that_a_browser_would_run(cast: Cast, shop: Image):
    response = cast.client(cast.alice).get(address("path=etc/motd&at=0", "file/bytes/"))
    assert body(response) == b"hello\nold line\nend\n"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="motd"'
    assert response["Content-Length"] == "19"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_bytes_that_were_not_kept_are_said_to_be_gone(cast: Cast, tmp_path: Path, settings: LazySettings):
    bring(tmp_path, docker_save(BUILT), cast.team)
    text = text_of(cast, "path=etc/motd")
    assert "A file that layer 0 brought, 2 layers changed" in text
    assert "were not kept" in text
    assert "file/bytes/" not in text
    response = cast.client(cast.alice).get(address("path=etc/motd", "file/bytes/"))
    assert response.status_code == 410
    assert b"were not kept" in response.content


def test_a_long_text_comes_in_parts(cast: Cast, tmp_path: Path):
    lines = "".join(f"line {number} ü\n" for number in range(5000))
    built = image([layer({"log": lines.encode()})])
    run_job(tmp_path, docker_save(built), cast.team)
    client, query, seen = cast.client(cast.alice), "path=log", []
    while query:
        text = client.get(address(query, image_id=built.id)).content.decode()
        assert len(text) < 150_000
        seen += [part.partition("</li>")[0] for part in text.split("<li>")[1:]]
        before, found, _ = text.partition('#look">The next part')
        query = before.rpartition('href="?')[2].replace("&amp;", "&") if found else ""
    assert seen == lines.splitlines()


def test_hostile_names_and_texts_are_data(cast: Cast, tmp_path: Path):
    evil = "<script>alert(1)</script>\u202e\x1b[31m\n"
    built = image([odd_layer(), layer({"evil.html": evil.encode(), '"><img src=x>': b"x", "=cmd": b"=1+1"})])
    run_job(tmp_path, docker_save(built), cast.team)
    text = text_of(cast, "path=evil.html", built.id)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\x1b[31m" in text
    assert "<img" not in text_of(cast, "path=%22%3E%3Cimg src=x%3E", built.id)
    assert "bad%FFbytes" in text_of(cast, "path=bad%FFbytes", built.id)
    response = cast.client(cast.alice).get(address("path=%22%3E%3Cimg src=x%3E", "file/bytes/", built.id))
    assert response["Content-Disposition"] == 'attachment; filename="\\"><img src=x>"'
    assert body(response) == b"x"
    rows = (
        cast.client(cast.alice).get(address("path=%3Dcmd&format=csv&part=copies", image_id=built.id)).content.decode()
    )
    assert "'=cmd" in rows


def test_a_partial_image_is_told_as_far_as_it_is_known(cast: Cast, tmp_path: Path):
    members = oci_layout(BUILT)
    del members["blobs/sha256/" + TOP.digest.removeprefix("sha256:")]
    run_job(tmp_path, members, cast.team)
    document = document_of(cast, "path=etc/motd")
    assert [each["layer"] for each in document["versions"]] == [0, 1]


def test_the_view_stays_within_its_budget(cast: Cast, shop: Image):
    client = cast.client(cast.alice)
    assert get_within_budget(client, address("path=etc/motd")).status_code == 200
    assert body(get_within_budget(client, address("path=usr/bin/tool", "file/bytes/"))) == NOISE
    assert body(get_within_budget(client, address("path=usr", "tar/"))).startswith(b"usr/share/passwd")


@pytest.mark.parametrize("page", ["file/", "file/bytes/", "tar/"])
def test_team_access_works(cast: Cast, shop: Image, page: str):
    path = "usr" if page == "tar/" else "etc/motd"
    assert status_of(cast.client(cast.bob), address(f"path={path}", page)) == 200


@pytest.mark.parametrize("page", ["file/", "file/bytes/", "tar/"])
def test_a_bad_id_gives_404(cast: Cast, shop: Image, page: str):
    client = cast.client(cast.alice)
    assert client.get(address("path=etc/motd", page, UNKNOWN)).status_code == 404
    for query in ("path=nowhere", "path=etc/../etc/motd&at=0", "path=etc/motd&at=7"):
        assert status_of(client, address(query, page)) == 404
    assert client.get(address("", "file/")).status_code == 404


@pytest.mark.parametrize("page", ["file/", "file/bytes/", "tar/"])
def test_ownership_is_checked(cast: Cast, shop: Image, page: str):
    path = "usr" if page == "tar/" else "etc/motd"
    for query in (f"path={path}", f"path={path}&format=csv"):
        assert cast.client(cast.charlie).get(address(query, page)).status_code == 404
    assert Client().get(address(f"path={path}", page)).status_code == 302


def test_a_shared_layer_shows_nothing_of_the_others_image(cast: Cast, shop: Image, tmp_path: Path):
    other = image([BASE, layer({"theirs": b"#!/bin/sh\n"})], tags=["theirs:1"])
    run_job(tmp_path, docker_save(other), cast.other_team, name="other.tar")
    assert "theirs" not in text_of(cast, "path=etc/twin")


def test_holes_of_an_exabyte_are_looked_at_but_never_sent(cast: Cast, tmp_path: Path):
    archive = tmp_path / "sparse.tar"
    archive.write_bytes(CORPUS["a-sparse-file-of-an-exabyte"]())
    run_steps(create_job(team=cast.team, user=None, name=archive.name, path=archive, size=archive.stat().st_size))
    client, page = cast.client(cast.alice), f"/images/{Image.objects.get().image_id}/"
    assert client.get(f"{page}file/?path=hole&from={1 << 59}").status_code == 200
    for address in ("file/bytes/?path=hole", "tar/"):
        refused = client.get(page + address)
        assert refused.status_code == 410
        assert "MAX_LAYER_BYTES" in refused.content.decode()
