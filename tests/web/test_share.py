"""One page by a link: made, followed, revoked; and what a link does not open."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from analyzer.models import Holding, Image, Membership, Reference, Role, ShareLink
from analyzer.services import members
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.rights.table import TABLE
from tests.taking import bring
from tests.web.budget import get_within_budget

BASE = layer({"etc/motd": b"hello" * 20})
SHOP = image([BASE, layer({"srv/recipe": b"r" * 300, "etc/motd": b"bye"})], tags=["shop:1"], history=["ADD", "COPY"])
OTHER = image([BASE, layer({"srv/vault": b"v" * 300})], tags=["vault:1"], history=["ADD", "COPY"])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    bring(tmp_path, docker_save(SHOP), cast.team, name="shop.tar")
    bring(tmp_path, docker_save(OTHER), cast.team, name="vault.tar")
    return Image.objects.get(image_id=SHOP.id)


def made(cast: Cast, page: str, query: str = "", **more: str) -> str:
    """The address of a new link by Alice."""
    form = {"page": page, "query": query, "days": "7", "image": SHOP.id, "note": "the auditor", **more}
    response = cast.client(cast.alice).post("/share/", form)
    assert response.status_code == 200
    link: str = response.context["link"]
    return link.removeprefix("http://testserver")


@pytest.mark.parametrize(("page", "told"), [("image", "shop:1"), ("image-waste", "Waste"), ("report", "saves")])
def test_a_link_shows_its_page_to_anybody(cast: Cast, shop: Image, page: str, told: str):
    response = Client().get(made(cast, page))
    text = response.content.decode()
    assert response.status_code == 200
    assert told in text
    assert "one page of Alice&#x27;s team" in text
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("page", ["image", "image-waste", "report"])
def test_nothing_on_a_shared_page_leads_anywhere(cast: Cast, shop: Image, page: str):
    text = Client().get(made(cast, page, "tab=files")).content.decode()
    for found in re.findall(r'\s(?:href|src|action|formaction|srcset|hx-[a-z-]+)="([^"]*)"', text):
        assert found.startswith(("#", "/static/", "data:image/")), found
    for tag in ("<form", "<button", "<select", "<nav", "<iframe", "<textarea"):
        assert tag not in text
    assert all('type="radio"' in entry for entry in re.findall("<input[^>]*>", text))  # how the stack is drawn
    assert "hx-" not in text.replace("htmx-config", "")
    for figures in re.findall(r"<script[^>]*json[^>]*>(.*?)</script>", text, re.S):
        assert '"/' not in figures  # nor does a click on a chart
    nonces = set(re.findall(r'nonce="([^"]+)"', text))
    assert len(nonces) <= 1


def test_a_link_opens_no_other_page_whatever_is_asked_beside_it(cast: Cast, shop: Image):
    address = made(cast, "image")
    anybody = Client()
    plain = anybody.get(address).content
    for query in (
        "format=json",
        "format=csv",
        "part=config",
        f"image={OTHER.id}",
        "tab=config",
        "page=report",
        "container=x",
    ):
        assert anybody.get(f"{address}?{query}").content == plain, query
    for header in ("HX-Request", "HX-Target", "Accept", "HX-Boosted"):
        assert anybody.get(address, headers={header: "files"}).content == plain, header
    for method in ("post", "put", "patch", "delete"):
        assert getattr(anybody, method)(address).status_code == 405
    for more in ("format=json", "files/", "../", "waste/", "files/?format=json"):
        assert anybody.get(address + more).status_code == 404
    assert anybody.get("/images/", headers={"Authorization": f"Bearer {address.split('/')[2]}"}).status_code == 302
    api = anybody.get("/api/v1/images/", headers={"Authorization": f"Bearer {address.split('/')[2]}"})
    assert api.status_code == 401
    assert not anybody.cookies  # following it logs nobody in


def test_who_follows_a_link_has_no_more_rights_than_anybody(cast: Cast, shop: Image):
    anybody = Client()
    anybody.get(made(cast, "image"))
    for address in TABLE:
        if "{" not in address.replace("{ref}", ""):
            to = address.replace("{ref}", SHOP.id)
            response = anybody.get(to)
            assert SHOP.id.encode() not in response.content.replace(to.encode(), b""), address


def test_the_query_of_a_link_is_kept_without_what_leads_elsewhere(cast: Cast, shop: Image):
    made(cast, "image", "tab=config&format=json&part=config&container=abc")
    assert ShareLink.objects.get().query == "tab=config"


def test_a_link_by_one_team_shows_nothing_of_another(cast: Cast, shop: Image, tmp_path: Path):
    """Also where its maker sees more."""
    Membership.objects.create(team=cast.other_team, user=cast.alice, role=Role.OWNER)
    third = image([BASE, layer({"srv/third": b"t" * 300})], tags=["third:1"], history=["ADD", "COPY"])
    bring(tmp_path, docker_save(third), cast.other_team, name="third.tar")
    address = made(cast, "report", team="alices-team")
    text = Client().get(address).content.decode()
    assert "third" not in text
    assert "Charlie" not in text
    with_their_name = made(cast, "report", "team=charlies-team", team="alices-team")
    assert Client().get(with_their_name).status_code == 404


def test_its_title_is_the_name_that_the_image_has_in_the_team_that_shows_it(cast: Cast, shop: Image):
    Membership.objects.create(team=cast.other_team, user=cast.alice, role=Role.OWNER)
    Holding.objects.create(image=shop, team=cast.other_team)
    Reference.objects.create(team=cast.other_team, image=shop, repository="a.example/acme-secret", tag="1")
    address = made(cast, "image", team="alices-team")
    assert ShareLink.objects.get().title == "shop:1"
    assert "acme-secret" not in Client().get(address).content.decode()


def test_a_link_does_not_come_alive_again_with_its_makers_rights(cast: Cast, shop: Image):
    made(cast, "image")
    Membership.objects.filter(user=cast.bob).update(role=Role.OWNER)
    members.set_role(Membership.objects.get(user=cast.alice, team=cast.team), Role.VIEWER)
    assert not ShareLink.objects.exists()


def test_a_link_ends_with_its_time_its_revocation_its_image_and_its_maker(cast: Cast, shop: Image):
    address = made(cast, "image")
    anybody = Client()
    row = ShareLink.objects.get()
    assert address.split("/")[2] not in str(row.__dict__)  # a hash is kept
    assert row.uses == 0
    assert anybody.get(address).status_code == 200
    row.refresh_from_db()
    assert (row.uses, row.note) == (1, "the auditor")

    ShareLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert anybody.get(address).status_code == 404
    ShareLink.objects.update(expires=timezone.now() + timedelta(days=1))
    Membership.objects.filter(user=cast.alice).update(role=Role.VIEWER)
    assert anybody.get(address).status_code == 404
    Membership.objects.filter(user=cast.alice).update(role=Role.OWNER)
    cast.alice.is_active = False
    cast.alice.save()
    assert anybody.get(address).status_code == 404
    cast.alice.is_active = True
    cast.alice.save()
    assert anybody.get(address).status_code == 200
    shop.holdings.all().delete()
    response = anybody.get(address)
    assert response.status_code == 404
    assert "shows nothing any more" in response.content.decode()


def test_links_are_listed_and_revoked(cast: Cast, shop: Image):
    address = made(cast, "image-waste")
    alice, row = cast.client(cast.alice), ShareLink.objects.get()
    assert "Waste of shop:1" in alice.get("/share/links/").content.decode()
    assert alice.get("/share/links/?format=json").json()["links"][0]["note"] == "the auditor"
    assert "1 link to this page" in alice.get(f"/share/?page=image-waste&image={SHOP.id}").content.decode()
    assert "shop" not in cast.client(cast.charlie).get("/share/links/").content.decode()
    assert "shop" not in cast.client(cast.bob).get("/share/links/").content.decode()
    assert cast.client(cast.bob).post(f"/share/links/{row.pk}/revoke/").status_code == 404
    assert alice.post(f"/share/links/{row.pk}/revoke/").status_code == 302
    assert Client().get(address).status_code == 404


def test_an_owner_revokes_what_others_of_the_team_shared(cast: Cast, shop: Image):
    cast.client(cast.bob).post("/share/", {"page": "image", "image": SHOP.id, "days": "1"})
    row = ShareLink.objects.get()
    assert cast.client(cast.alice).post(f"/share/links/{row.pk}/revoke/").status_code == 302
    assert not ShareLink.objects.exists()


def test_what_may_not_be_shared_is_not_there(cast: Cast, shop: Image):
    alice = cast.client(cast.alice)
    for form in (
        {"page": "jobs"},
        {"page": "image", "image": "nonsense"},
        {"page": "image", "image": "sha256:" + "0" * 64},
    ):
        assert alice.post("/share/", form | {"days": "7"}).status_code == 404
    assert alice.post("/share/", {"page": "image", "image": SHOP.id, "days": "9999"}).status_code == 400
    cast.give(cast.bob, Role.VIEWER)
    assert cast.client(cast.bob).post("/share/", {"page": "image", "image": SHOP.id, "days": "7"}).status_code == 404
    assert cast.client(cast.charlie).get(f"/share/?page=image&image={SHOP.id}").status_code == 404
    assert not ShareLink.objects.exists()


def test_the_pages_stay_within_their_budgets(cast: Cast, shop: Image):
    address = made(cast, "image")
    get_within_budget(cast.client(cast.alice), "/share/links/")
    get_within_budget(cast.client(cast.alice), f"/share/?page=image&image={SHOP.id}")
    get_within_budget(Client(), address)
