"""Registries: the list; adding, changing and deleting one. Passwords go in and never come out."""

import pytest
from django.test import Client

from analyzer.models import Registry
from tests.cast import Cast
from tests.web.budget import get_within_budget

SECRET = "hunter2-hunter2"
ENTERED = {
    "team": "alices-team",
    "name": "Ours",
    "host": "registry.example.org",
    "username": "robot",
    "password": SECRET,
}


def kept(cast: Cast, name: str = "Ours") -> Registry:
    registry = Registry(team=cast.team, user=cast.alice, name=name, host="registry.example.org", username="robot")
    registry.set_password(SECRET)
    registry.save()
    return registry


@pytest.fixture
def alice(cast: Cast) -> Client:
    return cast.client(cast.alice)


def test_an_owner_adds_a_registry(alice: Client, cast: Cast):
    response = alice.post("/registries/add/", ENTERED, follow=True)
    registry = Registry.objects.get()
    assert response.redirect_chain == [(f"/registries/{registry.pk}/", 302)]
    assert (registry.team, registry.host, registry.password()) == (cast.team, "registry.example.org", SECRET)
    assert SECRET not in registry.sealed_password
    assert "Ours" in alice.get("/registries/").content.decode()


@pytest.mark.parametrize("address", ["", "{}/", "{}/edit/", "{}/delete/", "?format=json", "?format=csv"])
def test_no_page_shows_the_password_and_none_with_a_form_is_kept(alice: Client, cast: Cast, address: str):
    response = alice.get(f"/registries/{address.format(kept(cast).pk)}")
    assert response.status_code == 200
    assert SECRET not in response.content.decode()
    assert Registry.objects.get().sealed_password not in response.content.decode()
    if "edit" in address:
        assert "no-store" in response["Cache-Control"]


def test_a_refused_form_does_not_give_the_password_back(alice: Client):
    response = alice.post("/registries/add/", {**ENTERED, "host": "not a host"})
    assert response.status_code == 400
    assert "This is no host" in response.content.decode()
    assert SECRET not in response.content.decode()


@pytest.mark.parametrize(
    ("entry", "value", "sentence"),
    [
        ("name", "", "Give the registry a name."),
        ("host", "http://169.254.169.254/latest/meta-data", "This is no host"),
        ("host", "user@example.org", "This is no host"),
        ("host", "example.org:5000:5000", "This is no host"),
        ("host", "word", "This is no host"),
        ("username", "", "A password needs a user name."),
        ("username", "a:b", "A user name has no colon."),
        ("password", "", "A user name needs a password or a token."),
    ],
)
def test_what_can_not_be_kept_is_told_at_its_entry(alice: Client, entry: str, value: str, sentence: str):
    response = alice.post("/registries/add/", {**ENTERED, entry: value})
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not Registry.objects.exists()


def test_a_host_is_written_as_references_have_it(alice: Client):
    for number, (text, host) in enumerate(
        [
            ("https://Registry.Example.org/", "registry.example.org"),
            ("localhost:5000", "localhost:5000"),
            ("hub.docker.com", "docker.io"),
        ]
    ):
        alice.post("/registries/add/", {**ENTERED, "name": f"r{number}", "host": text})
        assert Registry.objects.get(name=f"r{number}").host == host


def test_two_of_a_name_are_refused(alice: Client, cast: Cast):
    kept(cast)
    assert "called Ours already" in alice.post("/registries/add/", ENTERED).content.decode()


def test_an_empty_password_keeps_the_stored_one_and_a_new_one_replaces_it(alice: Client, cast: Cast):
    registry = kept(cast)
    changed = {"name": "Theirs", "host": registry.host, "username": "robot", "password": ""}
    assert alice.post(f"/registries/{registry.pk}/edit/", changed).status_code == 302
    registry.refresh_from_db()
    assert (registry.name, registry.password()) == ("Theirs", SECRET)
    alice.post(f"/registries/{registry.pk}/edit/", {**changed, "password": "another"})
    registry.refresh_from_db()
    assert registry.password() == "another"
    alice.post(f"/registries/{registry.pk}/edit/", {**changed, "username": ""})
    registry.refresh_from_db()
    assert not registry.has_password


@pytest.mark.parametrize("change", [{"host": "evil.example.org"}, {"username": "other"}])
def test_the_stored_password_is_not_taken_to_another_host_or_user(alice: Client, cast: Cast, change: dict[str, str]):
    registry = kept(cast)
    entered = {"name": "Ours", "host": registry.host, "username": "robot", "password": "", **change}
    response = alice.post(f"/registries/{registry.pk}/edit/", entered)
    assert response.status_code == 400
    assert "The stored password belongs to" in response.content.decode()
    registry.refresh_from_db()
    assert registry.host == "registry.example.org"


def test_a_registry_is_deleted_after_a_question(alice: Client, cast: Cast):
    registry = kept(cast)
    assert "Delete Ours?" in alice.get(f"/registries/{registry.pk}/delete/").content.decode()
    assert Registry.objects.exists()
    assert alice.post(f"/registries/{registry.pk}/delete/").status_code == 302
    assert not Registry.objects.exists()


def test_a_name_is_data(alice: Client, cast: Cast):
    kept(cast, "<script>alert(1)</script>")
    assert "<script>alert" not in alice.get("/registries/").content.decode()


def test_the_admin_has_no_password_to_show(cast: Cast):
    registry = kept(cast)
    cast.alice.is_staff = cast.alice.is_superuser = True
    cast.alice.save()
    text = cast.client(cast.alice).get(f"/admin/analyzer/registry/{registry.pk}/change/").content.decode()
    assert "registry.example.org" in text
    assert SECRET not in text
    assert registry.sealed_password not in text


def test_the_list_keeps_to_its_budget(alice: Client, cast: Cast):
    for number in range(10):
        kept(cast, f"r{number}")
    assert get_within_budget(alice, "/registries/").status_code == 200


def test_members_use_and_owners_change(cast: Cast):
    registry = kept(cast)
    bob = cast.client(cast.bob)
    text = bob.get("/registries/").content.decode()
    assert "Ours" in text
    assert "/edit/" not in text
    assert bob.get(f"/registries/{registry.pk}/").status_code == 200
    for address in ("add/", f"{registry.pk}/edit/", f"{registry.pk}/delete/"):
        assert bob.get(f"/registries/{address}").status_code == 404
        assert bob.post(f"/registries/{address}", ENTERED).status_code == 404
    assert Registry.objects.get().name == "Ours"


def test_an_owner_of_another_team_adds_nothing_to_this_one(cast: Cast):
    assert cast.client(cast.charlie).post("/registries/add/", ENTERED).status_code == 400
    assert not Registry.objects.exists()


def test_team_access_works(cast: Cast):
    registry = kept(cast)
    assert cast.client(cast.bob).get(f"/registries/{registry.pk}/").status_code == 200


def test_a_bad_id_gives_404(alice: Client):
    for address in ("999999/", "999999/edit/", "999999/delete/", "nonsense/"):
        assert alice.get(f"/registries/{address}").status_code == 404


def test_ownership_is_checked(cast: Cast):
    registry = kept(cast)
    charlie = cast.client(cast.charlie)
    assert "Ours" not in charlie.get("/registries/").content.decode()
    for address in ("", "edit/", "delete/"):
        assert charlie.get(f"/registries/{registry.pk}/{address}").status_code == 404
    assert Client().get("/registries/")["Location"].startswith("/accounts/login/")
