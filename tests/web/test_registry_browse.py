"""What a registry has: the test button, repositories, tags; pulling one tag, and all that match."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.test import Client

from analyzer.models import Job, Registry
from analyzer.registry.context import NetworkRules
from analyzer.services.references import point
from tests.cast import Cast
from tests.fake_registry import FakeRegistry
from tests.rows import add_image
from tests.web.budget import get_within_budget
from tests.web.registry_pages import kept_and_served

PAGES = ("", "repositories/", "tags/?repository=team/app", "matching/?repository=team/*&tag=1")


@pytest.fixture
def served(cast: Cast, settings: LazySettings) -> Iterator[tuple[Registry, FakeRegistry]]:
    with kept_and_served(cast, settings) as both:
        yield both


@pytest.fixture
def registry(served: tuple[Registry, FakeRegistry]) -> Registry:
    return served[0]


@pytest.fixture
def fake(served: tuple[Registry, FakeRegistry]) -> FakeRegistry:
    return served[1]


@pytest.fixture
def bob(cast: Cast) -> Client:
    return cast.client(cast.bob)


def test_the_test_button_says_what_works(bob: Client, registry: Registry, fake: FakeRegistry):
    text = bob.post(f"/registries/{registry.pk}/test/", follow=True).content.decode()
    assert f"{fake.host} answers as robot, over plain HTTP, and lists 2 repositories." in text
    fake.has_catalog = False
    part = bob.post(f"/registries/{registry.pk}/test/", headers={"HX-Request": "true"}).content.decode()
    assert "lists no repositories, so open one by its name" in part
    assert "<html" not in part


def test_the_test_button_says_what_does_not_work(bob: Client, registry: Registry, fake: FakeRegistry):
    fake.refuse = (401, {"WWW-Authenticate": 'Basic realm="x"'})
    text = bob.post(f"/registries/{registry.pk}/test/", follow=True).content.decode()
    assert "does not accept the name and password" in text
    Registry.objects.update(host="127.0.0.1:1")
    assert "refuses the connection" in bob.post(f"/registries/{registry.pk}/test/", follow=True).content.decode()


def test_a_password_that_no_key_opens_is_told(bob: Client, registry: Registry):
    Registry.objects.update(sealed_password="gAAAAA-nonsense")
    text = bob.post(f"/registries/{registry.pk}/test/", follow=True).content.decode()
    assert "SECRET_KEY has changed" in text


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "[::1]:{}", "2130706433:{}", "127.1:{}"])
def test_a_host_inside_is_not_reached_unless_a_setting_names_it(
    bob: Client, registry: Registry, fake: FakeRegistry, settings: LazySettings, host: str
):
    settings.REGISTRY_RULES = NetworkRules(plain_http_hosts=frozenset({"127.0.0.1", "localhost"}), attempts=1)
    Registry.objects.update(host=host.format(fake.host.rpartition(":")[2]))
    text = bob.post(f"/registries/{registry.pk}/test/", follow=True).content.decode()
    assert "REGISTRY_PRIVATE_HOSTS" in text or "be resolved" in text
    for address in PAGES[1:]:
        bob.get(f"/registries/{registry.pk}/{address}")
    assert not fake.asked


def test_repositories_lead_to_their_tags(bob: Client, registry: Registry):
    text = bob.get(f"/registries/{registry.pk}/repositories/").content.decode()
    assert f'href="/registries/{registry.pk}/tags/?repository={quote("team/app", safe="")}"' in text
    part = bob.get(f"/registries/{registry.pk}/repositories/", headers={"HX-Request": "true"}).content.decode()
    assert "team/db" in part
    assert "<html" not in part


def test_long_lists_have_pages(bob: Client, registry: Registry, fake: FakeRegistry):
    for number in range(250):
        fake.push(f"many/r{number:03}", "1", "x")
        fake.push("team/app", f"t{number:03}", "x")
    first = bob.get(f"/registries/{registry.pk}/repositories/").content.decode()
    assert "?page=2" in first
    last = bob.get(f"/registries/{registry.pk}/repositories/?page=3").content.decode()
    assert "many/r249" in last
    assert "?page=4" not in last
    assert "t249" in bob.get(f"/registries/{registry.pk}/tags/?repository=team/app&page=3").content.decode()
    assert bob.get(f"/registries/{registry.pk}/repositories/?page=99999999999").status_code == 200


def test_a_registry_without_a_catalog_says_so_and_opens_what_is_named(
    bob: Client, registry: Registry, fake: FakeRegistry
):
    fake.has_catalog = False
    assert (
        "gives no list of its repositories: open one by its name"
        in bob.get(f"/registries/{registry.pk}/repositories/").content.decode()
    )
    assert "3 tags" in bob.get(f"/registries/{registry.pk}/tags/?repository=team/app").content.decode()


def test_tags_stand_beside_what_the_team_has(bob: Client, cast: Cast, registry: Registry):
    image = add_image(cast.team, [], layers={"a": 1})
    theirs = add_image(cast.other_team, [], layers={"b": 1})
    point(cast.team, [f"{registry.host}/team/app:1"], image)
    point(cast.other_team, [f"{registry.host}/team/app:2"], theirs)
    rows = bob.get(f"/registries/{registry.pk}/tags/?repository=team/app&format=json").json()["tags"]
    assert {row["tag"]: row["image_id"] for row in rows} == {"1": image.image_id, "2": None, "latest": None}


def test_a_repository_that_is_not_there_is_told(bob: Client, registry: Registry):
    assert "has no" in bob.get(f"/registries/{registry.pk}/tags/?repository=team/none").content.decode()
    text = bob.get(f"/registries/{registry.pk}/tags/?repository=no%20name", follow=True).content.decode()
    assert "This is no repository" in text


def test_pulling_a_tag_makes_a_job(bob: Client, cast: Cast, registry: Registry):
    response = bob.post(f"/registries/{registry.pk}/pull/", {"repository": "team/app", "tag": "1"})
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.pk}/"
    assert (job.reference, job.team, job.user) == (f"{registry.host}/team/app:1", cast.team, cast.bob)
    assert "hunter2" not in job.sealed_credentials


def test_what_matches_is_counted_before_it_is_pulled(bob: Client, registry: Registry):
    address = f"/registries/{registry.pk}/matching/"
    text = bob.get(f"{address}?repository=team/*&tag=1").content.decode()
    assert "2 tags match" in text
    assert "Pull 2 tags" in text
    assert not Job.objects.exists()
    assert bob.post(address, {"repository": "team/*", "tag": "1"})["Location"] == "/jobs/"
    assert Job.objects.count() == 2
    assert "Nothing matches" in bob.get(f"{address}?repository=team/*&tag=none*").content.decode()


def test_what_is_not_there_does_not_match_and_an_empty_repository_is_passed_over(
    bob: Client, registry: Registry, fake: FakeRegistry
):
    """A catalog lists repositories whose tags were all deleted; asked for those, the registry knows none."""
    fake.emptied = ["team/emptied"]
    at = f"/registries/{registry.pk}/matching/?repository="
    assert "4 tags match" in bob.get(f"{at}team/*&tag=*").content.decode()
    assert "1 tag matches" in bob.get(f"{at}team/*&tag=latest").content.decode()
    assert "Nothing matches" in bob.get(f"{at}team/app&tag=9").content.decode()
    text = bob.get(f"{at}team/emptied&tag=*", follow=True).content.decode()
    assert f"{registry.host} has no repository team/emptied." in text


def test_a_pattern_among_tags_leads_to_what_matches(bob: Client, registry: Registry):
    response = bob.get(f"/registries/{registry.pk}/tags/?repository=team/*")
    assert response["Location"].startswith(f"/registries/{registry.pk}/matching/?repository=team")


def test_the_password_is_on_no_page_and_in_no_answer(bob: Client, registry: Registry):
    for address in PAGES:
        assert "hunter2" not in bob.get(f"/registries/{registry.pk}/{address}").content.decode()
        joint = "&" if "?" in address else "?"
        assert "hunter2" not in bob.get(f"/registries/{registry.pk}/{address}{joint}format=json").content.decode()


def test_names_of_a_registry_are_data(bob: Client, registry: Registry, fake: FakeRegistry):
    fake.push("<script>alert(1)</script>", "<b>", "x")
    assert "<script>alert" not in bob.get(f"/registries/{registry.pk}/repositories/").content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_each_page_keeps_to_its_budget(bob: Client, registry: Registry, address: str):
    assert get_within_budget(bob, f"/registries/{registry.pk}/{address}").status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_team_access_works(bob: Client, registry: Registry, address: str):
    assert bob.get(f"/registries/{registry.pk}/{address}").status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_a_bad_id_gives_404(bob: Client, address: str):
    assert bob.get(f"/registries/999999/{address}").status_code == 404


@pytest.mark.parametrize("address", [*PAGES, "test/", "pull/", "hook/", "watches/add/"])
def test_ownership_is_checked(cast: Cast, registry: Registry, fake: FakeRegistry, address: str):
    charlie = cast.client(cast.charlie)
    if address in ("test/", "pull/", "hook/", "watches/add/"):
        entered = {"repository": "team/app", "tag": "1", "every": "3600"}
        assert charlie.post(f"/registries/{registry.pk}/{address}", entered).status_code == 404
    else:
        assert charlie.get(f"/registries/{registry.pk}/{address}").status_code == 404
    assert not fake.asked
    assert not Job.objects.exists()
