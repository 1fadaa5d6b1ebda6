"""From an entry of a layer to the page of its path."""

from pathlib import Path

import pytest
from django.test import Client

from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring
from tests.web.budget import get_within_budget

BASE = layer({b"odd\xff": b"1"})
APP = layer({"srv/app": b"code"})
BUILT = image([BASE, APP], tags=["shop:1"])
ADDRESS = f"/layers/{APP.diff_id}/file/?path=srv/app"


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, docker_save(BUILT), cast.team)


def test_an_entry_leads_to_its_path_on_top_of_its_layer(cast: Cast, shop: None):
    client = cast.client(cast.alice)
    assert '<a class="file" href="file/?path=srv/app">' in client.get(f"/layers/{APP.diff_id}/").content.decode()
    assert get_within_budget(client, ADDRESS)["Location"] == f"/images/{BUILT.id}/file/?path=srv/app&at=1"
    odd = client.get(f"/layers/{BASE.diff_id}/file/?path=odd%FF&image={BUILT.id}")
    assert odd["Location"] == f"/images/{BUILT.id}/file/?path=odd%FF&at=0"


def test_team_access_works(cast: Cast, shop: None):
    assert cast.client(cast.bob).get(ADDRESS).status_code == 302


def test_a_bad_id_gives_404(cast: Cast, shop: None):
    assert cast.client(cast.alice).get(f"/layers/sha256:{'0' * 64}/file/?path=srv/app").status_code == 404


def test_ownership_is_checked(cast: Cast, shop: None):
    assert cast.client(cast.charlie).get(ADDRESS).status_code == 404
    assert Client().get(ADDRESS)["Location"].startswith("/accounts/login/")
