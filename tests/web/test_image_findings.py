"""The findings of an image: what each kind means and what to do, its places as filtered, and secrets without values."""

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.models import Image
from analyzer.services.indexing import ensure_indexed
from tests.archives import Whiteout, docker_save, image, layer
from tests.cast import Cast
from tests.secrets.made_up import TOKENS, letters, private_key
from tests.taking import run_job
from tests.web.budget import get_within_budget

UNKNOWN = f"sha256:{'0' * 64}"
PASSWORD, GITHUB = letters("password", 24), TOKENS["GitHub Token"]
LEAKY = layer(
    {
        "app/.env": f"DB_PASSWORD={PASSWORD}\n".encode(),
        "app/<b>.sh": f"git clone https://{GITHUB}@github.com/a/b\n".encode(),
        "root/.npmrc": b"registry=https://npm.corp.test\n",
        "srv/a.pem": private_key().encode(),
    }
)
CLEAN = layer([("app/.env", Whiteout()), ("srv/x", b"1"), ("srv/x", b"2")])
BUILT = image([LEAKY, CLEAN], tags=["shop:1"])
VALUES = (PASSWORD, GITHUB, private_key().split("\n")[1])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    run_job(tmp_path, docker_save(BUILT), cast.team)
    ensure_indexed()
    return Image.objects.get()


def address(query: str = "", image_id: str = BUILT.id) -> str:
    return f"/images/{image_id}/?tab=findings{query}"


def text(cast: Cast, query: str = "") -> str:
    return str(get_within_budget(cast.client(cast.alice), address(query)).content.decode())


def secrets(cast: Cast, query: str = "") -> list[dict[str, Any]]:
    answer = cast.client(cast.alice).get(address(f"&part=findings&format=json{query}"))
    return [row for row in json.loads(answer.content)["findings"] if row["code"] == "secret-file"]


def test_each_secret_has_its_layer_path_and_rule_and_says_whether_a_container_sees_it(cast: Cast, shop: Image):
    assert [(row["layer"], row["path"], row["rule"], row["state"]) for row in secrets(cast)] == [
        (0, "app/.env", "environment file", "hidden"),
        (0, "app/<b>.sh", "GitHub Token", "visible"),
        (0, "srv/a.pem", "Private Key", "visible"),
    ]


def test_the_page_says_what_a_finding_means_and_what_to_do(cast: Cast, shop: Image):
    found = text(cast)
    assert "whoever has the image can read it" in found
    assert "Withdraw the secret" in found
    assert "A later layer hides it; it is still in layer 0." in found
    assert "Look at the tool that made the layer." in found
    assert f"/images/{BUILT.id}/file/?path=app/.env&amp;at=0" in found
    assert "<b>.sh" not in found


@pytest.mark.parametrize(
    ("query", "count"), [("&code=secret-file", 3), ("&layer=1", 0), ("&severity=warning", 3), ("&severity=error", 0)]
)
def test_the_places_are_filtered_and_so_are_the_twins(cast: Cast, shop: Image, query: str, count: int):
    assert len(secrets(cast, query)) == count
    assert text(cast, query).count('<th scope="row">secret-file</th>') == count


def test_thousands_of_findings_come_in_pages(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("analyzer.web.image_findings.ROWS", 2)
    run_job(tmp_path, docker_save(BUILT), cast.team)
    ensure_indexed()
    first, second = text(cast), text(cast, "&page=2")
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert first.count('<th scope="row">') == 2


def test_before_the_search_names_alone_tell_and_the_page_says_so(cast: Cast, tmp_path: Path):
    run_job(tmp_path, docker_save(BUILT), cast.team)
    found = text(cast)
    assert "2 layers are still to be searched for secrets" in found
    assert [row["path"] for row in secrets(cast)] == ["app/.env", "root/.npmrc"]


def test_without_the_bytes_the_page_says_so(cast: Cast, tmp_path: Path, settings):
    settings.KEEP_BLOBS = False
    run_job(tmp_path, docker_save(BUILT), cast.team)
    ensure_indexed()
    assert "The bytes of layers 0, 1 were not kept" in text(cast)


def test_the_layer_has_them_too(cast: Cast, shop: Image):
    found = cast.client(cast.alice).get(f"/layers/{LEAKY.diff_id}/").content.decode()
    assert "What it holds matches: Private Key." in found
    document = json.loads(cast.client(cast.alice).get(f"/layers/{LEAKY.diff_id}/?format=json").content)
    assert [each["path"] for each in document["findings"] if each["code"] == "secret-file"] == [
        "app/.env",
        "app/<b>.sh",
        "srv/a.pem",
    ]


def test_the_document_of_the_image_has_them(cast: Cast, shop: Image):
    document = json.loads(cast.client(cast.alice).get(f"/images/{BUILT.id}/?format=json").content)
    found = [each for each in document["findings"] if each["code"] == "secret-file"]
    assert [(each["path"], each["rule"], each["state"]) for each in found] == [
        ("app/.env", "environment file", "hidden"),
        ("app/<b>.sh", "GitHub Token", "visible"),
        ("srv/a.pem", "Private Key", "visible"),
    ]
    assert all(each["image_id"] == BUILT.id for each in found)
    assert document["secret_search"] == {"waiting": 0, "by_name_alone": [], "unread_files": 0}


@pytest.mark.parametrize(
    "where",
    [
        address(), address("&part=findings&format=json"), address("&part=findings&format=csv"),
        f"/images/{BUILT.id}/?format=json", f"/layers/{LEAKY.diff_id}/", f"/layers/{LEAKY.diff_id}/?format=json",
        f"/api/v1/images/{BUILT.id}/", f"/api/v1/layers/{LEAKY.diff_id}/", "/jobs/",
    ],
)  # fmt: skip
def test_no_answer_has_the_value(cast: Cast, shop: Image, where: str):
    answer = cast.client(cast.alice).get(where)
    assert answer.status_code == 200
    assert all(value not in answer.content.decode() for value in VALUES)


def test_team_access_works(cast: Cast, shop: Image):
    assert cast.client(cast.bob).get(address()).status_code == 200


def test_a_bad_id_gives_404(cast: Cast, shop: Image):
    assert cast.client(cast.alice).get(address(image_id=UNKNOWN)).status_code == 404


def test_ownership_is_checked(cast: Cast, shop: Image):
    assert cast.client(cast.charlie).get(address()).status_code == 404
    assert cast.client(cast.charlie).get(address("&part=findings&format=json")).status_code == 404
