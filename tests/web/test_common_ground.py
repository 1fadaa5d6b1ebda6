"""Common ground: files that images carry in layers of their own, as far as the viewer may see them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from analyzer.models import CommonGround
from analyzer.services import common_ground
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.images import Image as BuiltImage
from tests.taking import bring
from tests.tars import File
from tests.web.budget import get_within_budget

PAGE = "/reuse/common-ground/"
PYTHON = {f"usr/lib/python3/<{number}>.py": bytes([number]) * 300_000 for number in range(4)} | {
    "usr/bin/python3": b"p" * 200_000
}
FAT = {"srv/model": b"m" * 2_000_000}
DEBIAN = layer({"etc/debian": b"12"})


def built(name: str, own: dict[str, bytes], packages: dict[str, Any]) -> BuiltImage:
    return image([DEBIAN, layer(packages | own)], tags=[f"{name}:1"])


def hold(folder: Path, cast: Cast, *images: BuiltImage, other: bool = False) -> None:
    for each in images:
        name = f"{each.tags[0]}.tar".replace(":", "-")
        bring(folder, docker_save(each), cast.other_team if other else cast.team, name=name)


@pytest.fixture
def shelf(cast: Cast, tmp_path: Path) -> Cast:
    """Alice's team: three images that install the same packages, one that stores a model twice. Charlie's: one more."""
    images = [built(name, {f"srv/{name}": name.encode()}, PYTHON) for name in ("web", "shop", "batch")]
    fat = image([layer(FAT), layer({path: File(data=data, uid=9) for path, data in FAT.items()})], tags=["fat:1"])
    hold(tmp_path, cast, *images, fat)
    hold(tmp_path, cast, built("secret", {"srv/secret": b"s"}, PYTHON), other=True)
    return cast


def page(client: Client, query: str = "") -> str:
    response = client.get(f"{PAGE}{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def document(client: Client, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{PAGE}?format=json{query}").json()
    return answer


def test_files_of_several_images_are_told_with_what_a_shared_base_would_save(shelf: Cast):
    text = page(shelf.client(shelf.alice))
    assert "One set of files in a shared base would save 2.67 MiB" in text
    assert "usr/lib/python3 and usr/bin/python3: 5 files in 3 layers of 3 images" in text
    assert 'title="1,400,000 bytes"' in text
    assert 'title="2,800,000 bytes"' in text
    assert "Worked out" in text


def test_what_one_image_repeats_is_no_common_ground(shelf: Cast):
    assert "srv/model" not in page(shelf.client(shelf.alice), "?least=0")


def test_the_least_weight_of_a_set_stands_in_the_address(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert "No files of this weight" in page(client, "?least=1.5")
    assert 'value="1.5"' in page(client, "?least=1.5")
    assert "One set" in page(client, "?least=many")


def test_a_scope_has_its_own_common_ground(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert "5 files in 2 layers of 2 images" in page(client, "?tag=[wb]*")
    assert '<input type="hidden" name="tag" value="[wb]*">' in page(client, "?tag=[wb]*")
    assert CommonGround.objects.count() == 1
    assert "No files of this weight" in page(client, "?repository=web")


def test_images_on_a_shared_base_have_it_in_common_already(cast: Cast, tmp_path: Path):
    base = layer(PYTHON)
    hold(tmp_path, cast, *(image([base, layer({"app": name.encode()})], tags=[f"{name}:1"]) for name in ("a", "b")))
    assert "No files of this weight" in page(cast.client(cast.alice))


def test_what_takes_longer_is_left_to_a_worker_and_the_page_asks_again(shelf: Cast, monkeypatch: pytest.MonkeyPatch):
    rung: list[tuple[Any, ...]] = []
    monkeypatch.setattr(common_ground, "QUICK_ENTRIES", 1)
    monkeypatch.setattr("analyzer.queue.ring", lambda *message: rung.append(message))
    client = shelf.client(shelf.alice)
    text = page(client)
    assert "The files of 6 layers are being read and compared" in text
    assert 'hx-trigger="every 2s"' in text
    page(client)
    row = CommonGround.objects.get()
    assert rung == [("common_ground", row.key)]  # once, while the worker holds it
    response = client.get(f"{PAGE}?format=json")
    assert (response.status_code, response["Retry-After"]) == (202, "2")
    assert response.json()["saving"] is None
    common_ground.compute(row.key)
    part = client.get(PAGE, headers={"HX-Target": "ground"}).content.decode()
    assert "One set of files" in part
    assert "<html" not in part
    assert "hx-trigger" not in part


def test_a_worker_that_was_killed_is_replaced_and_not_for_ever(shelf: Cast, monkeypatch: pytest.MonkeyPatch):
    rung: list[tuple[Any, ...]] = []
    monkeypatch.setattr(common_ground, "QUICK_ENTRIES", 1)
    monkeypatch.setattr("analyzer.queue.ring", lambda *message: rung.append(message))
    client = shelf.client(shelf.alice)
    for _ in range(settings.JOB_ATTEMPTS + 2):
        text = page(client)
        CommonGround.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert len(rung) == settings.JOB_ATTEMPTS
    assert "could not be read in several attempts" in text
    assert "every 2s" not in text


def test_computing_twice_changes_nothing_and_what_nobody_looks_at_goes(shelf: Cast):
    page(shelf.client(shelf.alice))
    before = CommonGround.objects.values().get()
    common_ground.compute(before["key"])
    common_ground.forget()
    assert CommonGround.objects.values().get() == before
    CommonGround.objects.update(asked=timezone.now() - timedelta(days=15))
    common_ground.forget()
    assert not CommonGround.objects.exists()


def test_names_are_escaped(shelf: Cast, tmp_path: Path):
    packages = {"usr/<b>/x": b"x" * 2_000_000}
    hold(tmp_path, shelf, built("one", {"1": b"1"}, packages), built("two", {"2": b"2"}, packages))
    text = page(shelf.client(shelf.alice))
    assert "usr/&lt;b&gt;/x: 1 file in 2 layers of 2 images" in text
    assert "usr/<b>" not in text


def test_the_chart_has_a_bar_a_set(shelf: Cast, tmp_path: Path):
    packages = {"usr/bin/node": b"n" * 2_000_000}
    hold(tmp_path, shelf, built("one", {"1": b"1"}, packages), built("two", {"2": b"2"}, packages))
    text = page(shelf.client(shelf.alice))
    assert (
        'aria-label="Bytes that a shared base would save: usr/lib/python3 and usr/bin/python3 2,800,000 bytes, '
        'usr/bin/node 2,000,000 bytes"' in text
    )


def test_the_twins_have_every_set(shelf: Cast):
    client = shelf.client(shelf.alice)
    told = document(client)
    (found,) = told["sets"]
    assert (found["size"], found["files"], found["layers"], found["saving"]) == (1_400_000, 5, 3, 2_800_000)
    assert found["folders"][0] == {"path": "usr/lib/python3", "files": 4, "size": 1_200_000}
    assert len(found["images"]) == len(found["diff_ids"]) == 3
    assert told["saving"] == 2_800_000
    assert told["least"] == 1 << 20
    assert client.get(f"{PAGE}?format=csv").content.decode().count("\r\n") == 2


def test_the_number_of_queries_does_not_grow(shelf: Cast, tmp_path: Path):
    page(shelf.client(shelf.alice))
    hold(tmp_path, shelf, *(built(f"app{number}", {"n": bytes([number])}, PYTHON) for number in range(12)))
    page(shelf.client(shelf.alice))
    assert get_within_budget(shelf.client(shelf.alice), PAGE).status_code == 200


def test_team_access_works(shelf: Cast):
    assert "One set of files" in page(shelf.client(shelf.bob))


def test_a_bad_team_gives_404(shelf: Cast):
    assert shelf.client(shelf.alice).get(f"{PAGE}?team=nobody").status_code == 404


def test_ownership_is_checked(shelf: Cast):
    assert "secret" not in page(shelf.client(shelf.alice))
    assert document(shelf.client(shelf.charlie))["sets"] == []
    assert shelf.client(shelf.charlie).get(f"{PAGE}?team={shelf.team.slug}").status_code == 404
    assert Client().get(PAGE).status_code == 302
