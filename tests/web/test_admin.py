"""The admin: figures are read only, digests are found, and nothing goes but through the services."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Members
from analyzer.filetree.listing import Listing
from analyzer.models import ApiToken, AuditLine, Blob, Image, Job, JobState, Layer, LayerListing, Upkeep
from analyzer.services import audit, upkeep_steps
from analyzer.services.uploads import begin, staging
from tests.cast import Cast
from tests.rows import add_image, add_job, diff_id


@pytest.fixture
def image(cast: Cast) -> Image:
    found = add_image(cast.team, ["app"], layers={"base": 1000, "app": 200})
    listing, _ = Listing.build(Members(), Limits())
    for layer in Layer.objects.all():
        LayerListing.objects.create(layer=layer, document=listing.to_parquet())
        Blob.objects.create(digest=layer.diff_id, layer=layer, size=layer.size, compression="none")
    return found


@pytest.fixture
def admin_client(cast: Cast) -> Client:
    return cast.client(User.objects.create_superuser("root", password="root root root"))


@pytest.mark.parametrize("name", ["layer", "blob", "image", "job", "team", "apitoken", "upload", "upkeep", "auditline"])
def test_every_list_opens(admin_client: Client, image: Image, cast: Cast, name: str):
    add_job(cast.team)
    assert admin_client.get(f"/admin/analyzer/{name}/").status_code == 200
    assert admin_client.get("/admin/auth/user/").status_code == 200


@pytest.mark.parametrize("name", ["layer", "blob"])
def test_layers_and_blobs_are_found_by_digest(admin_client: Client, image: Image, name: str):
    digest = diff_id("app")
    for query in (digest, digest[7:19], digest[7:]):
        text = admin_client.get(f"/admin/analyzer/{name}/", {"q": query}).content.decode()
        assert f"1 {name}" in text
        assert digest[7:19] in text


def test_images_are_found_by_digest_and_by_reference(admin_client: Client, image: Image):
    for query in (image.image_id, "library/app"):
        assert "1 image" in admin_client.get("/admin/analyzer/image/", {"q": query}).content.decode()


def test_jobs_are_found_by_a_layer_of_theirs(admin_client: Client, cast: Cast):
    add_job(cast.team, "mine.tar", layers={"app": "read"})
    add_job(cast.team, "other.tar")
    text = admin_client.get("/admin/analyzer/job/", {"q": diff_id("app")}).content.decode()
    assert "mine.tar" in text
    assert "other.tar" not in text


@pytest.mark.parametrize("name", ["layer", "blob", "image", "job"])
def test_what_analysis_wrote_is_not_edited(admin_client: Client, image: Image, cast: Cast, name: str):
    add_job(cast.team)
    assert admin_client.get(f"/admin/analyzer/{name}/add/").status_code == 403
    row = {"layer": Layer, "blob": Blob, "image": Image, "job": Job}[name]._default_manager.first()
    assert row is not None
    page = admin_client.get(f"/admin/analyzer/{name}/{row.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()


@pytest.mark.parametrize("name", ["layer", "blob"])
def test_layers_and_blobs_go_only_with_their_images(admin_client: Client, image: Image, name: str):
    pk = {"layer": Layer, "blob": Blob}[name]._default_manager.values_list("pk", flat=True)[0]
    assert admin_client.post(f"/admin/analyzer/{name}/{pk}/delete/", {"post": "yes"}).status_code == 403


def test_deleting_images_lists_what_goes_and_a_worker_frees_their_layers(admin_client: Client, image: Image):
    form = {"action": "remove", "_selected_action": [image.pk]}
    question = admin_client.post("/admin/analyzer/image/", form).content.decode()
    assert "app" in question
    assert "Alice&#x27;s team" in question
    assert "1.17" in question
    seal = re.search(r'name="seal" value="(\w+)"', question)
    assert seal
    word = image.image_id[7:19]
    admin_client.post("/admin/analyzer/image/", form | {"post": "yes", "seal": seal[1], "typed": word})
    assert Image.objects.exists()  # nothing goes in the request
    upkeep_steps.run(Upkeep.objects.get().pk)
    assert not Image.objects.exists()
    assert not Layer.objects.exists()


def test_bytes_are_dropped_once_that_is_confirmed(admin_client: Client, image: Image):
    form = {"action": "drop", "_selected_action": list(Blob.objects.values_list("pk", flat=True))}
    assert "Listings, figures and digests stay" in admin_client.post("/admin/analyzer/blob/", form).content.decode()
    assert not Upkeep.objects.exists()
    assert admin_client.post("/admin/analyzer/blob/", form | {"post": "yes", "promised": "0"}).status_code == 302
    assert Upkeep.objects.get().kind == "drop"


def test_an_upload_is_given_up_by_the_service(admin_client: Client, cast: Cast):
    upload = begin(cast.team, cast.alice, "half.tar", 10)
    assert staging().part(upload.pk).exists()
    assert "half.tar" in admin_client.get("/admin/analyzer/upload/").content.decode()
    admin_client.post(f"/admin/analyzer/upload/{upload.pk}/delete/", {"post": "yes"})
    assert not staging().part(upload.pk).exists()


def test_the_first_page_tells_totals_and_has_the_storage_checked(admin_client: Client, image: Image, cast: Cast):
    page = admin_client.get("/admin/").content.decode()
    assert "0 of 2 blobs kept" in page
    assert "Free on the disk" in page
    assert admin_client.get("/admin/analyzer/upkeep/check/").status_code == 405
    for what in ("check", "mend"):
        response = admin_client.post("/admin/analyzer/upkeep/check/", {"what": what})
        assert response["Location"].endswith(f"/upkeep/{Upkeep.objects.get(kind=what).pk}/change/")
    clerk = User.objects.create_user("clerk", password="clerk clerk", is_staff=True)
    looks = cast.client(clerk)
    assert "Blob store" not in looks.get("/admin/").content.decode()
    assert looks.post("/admin/analyzer/upkeep/check/", {"what": "check"}).status_code == 403
    clerk.user_permissions.set(Permission.objects.filter(codename="change_layer"))
    assert looks.post("/admin/analyzer/upkeep/check/", {"what": "check"}).status_code in (302, 403)
    assert looks.post("/admin/analyzer/upkeep/check/", {"what": "mend"}).status_code == 403


def test_the_audit_log_is_read_filtered_and_taken_along(admin_client: Client, cast: Cast):
    address = "/admin/analyzer/auditline/"
    audit.note("test.line", "=cmd()", cast.team, cast.alice, bytes=7)
    assert "=cmd()" in admin_client.get(address, {"q": "cmd"}).content.decode()
    query = {"action": "test.line", "actor": "alice", "team": cast.team.slug}
    table = admin_client.get(address, query | {"format": "csv"}).content.decode().splitlines()
    assert table[0] == "at,actor,action,object,team,details"
    assert table[1].split(",")[1:] == ["alice", "test.line", "'=cmd()", "alices-team", "bytes=7"]
    assert len(table) == 2
    assert len(admin_client.get(address, query | {"format": "json"}).json()["audit"]) == 1
    assert len(admin_client.get(address, {"actor": "nobody", "format": "csv"}).content.decode().splitlines()) == 1
    line = AuditLine.objects.get(action="test.line")
    for way in ("change", "delete"):
        admin_client.post(f"{address}{line.pk}/{way}/", {"post": "yes", "object": "x"})
    admin_client.post(address, {"action": "delete_selected", "_selected_action": [line.pk], "post": "yes"})
    assert AuditLine.objects.get(action="test.line").object == "=cmd()"
    clerk = cast.client(User.objects.create_user("clerk", password="clerk clerk", is_staff=True))
    assert clerk.get(address, {"format": "csv"}).status_code == 403


def test_staff_that_may_change_people_make_no_administrators(cast: Cast):
    clerk = User.objects.create_user("clerk", password="clerk clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=("view_user", "change_user")))
    root = User.objects.create_superuser("root", password="root root root")
    client = cast.client(clerk)
    form = {
        "username": "clerk",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "user_permissions": list(Permission.objects.values_list("pk", flat=True)),
    }
    client.post(f"/admin/auth/user/{clerk.pk}/change/", form)
    clerk.refresh_from_db()
    assert not clerk.is_superuser
    assert clerk.user_permissions.count() == 2
    client.post(f"/admin/auth/user/{root.pk}/change/", form | {"username": "mine"})
    client.post(f"/admin/auth/user/{root.pk}/password/", {"password1": "mine mine 7", "password2": "mine mine 7"})
    root.refresh_from_db()
    assert root.username == "root"
    assert root.check_password("root root root")


def test_jobs_are_cancelled_and_removed_by_the_service(admin_client: Client, cast: Cast):
    job = add_job(cast.team, state=JobState.RUNNING)
    address = "/admin/analyzer/job/"
    assert admin_client.post(f"{address}{job.pk}/delete/", {"post": "yes"}).status_code == 403
    admin_client.post(address, {"action": "cancel", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    admin_client.post(f"{address}{job.pk}/delete/", {"post": "yes"})
    assert not Job.objects.exists()


def test_what_the_service_refuses_is_told(admin_client: Client, cast: Cast):
    job = add_job(cast.team)
    form = {"action": "cancel", "_selected_action": [job.pk]}
    assert "has ended already" in admin_client.post("/admin/analyzer/job/", form, follow=True).content.decode()


def test_a_team_that_holds_images_is_not_deleted(admin_client: Client, image: Image, cast: Cast):
    address = "/admin/analyzer/team/"
    assert admin_client.post(f"{address}{cast.team.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{address}{cast.other_team.pk}/delete/", {"post": "yes"}).status_code == 302


def test_tokens_are_revoked_and_never_shown(admin_client: Client, cast: Cast):
    token, text = ApiToken.issue(cast.alice.pk, "ci")
    page = admin_client.get(f"/admin/analyzer/apitoken/{token.pk}/change/").content.decode()
    assert text not in page
    assert token.sha256 not in page
    admin_client.post(f"/admin/analyzer/apitoken/{token.pk}/delete/", {"post": "yes"})
    assert not ApiToken.objects.exists()


def test_a_user_is_put_into_a_team(admin_client: Client, cast: Cast):
    page = admin_client.get(f"/admin/auth/user/{cast.alice.pk}/change/").content.decode()
    assert "memberships-0-team" in page


def test_ownership_is_checked(cast: Cast, image: Image):
    for person in (cast.alice, cast.charlie):
        assert cast.client(person).get("/admin/analyzer/image/").status_code == 302
