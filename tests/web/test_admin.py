"""The admin: figures are read only, digests are found, and nothing goes but through the services."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Members
from analyzer.filetree.listing import Listing
from analyzer.models import ApiToken, Blob, Image, Job, JobState, Layer, LayerListing
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


@pytest.mark.parametrize("name", ["layer", "blob", "image", "job", "team", "apitoken"])
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


def test_deleting_an_image_frees_its_layers(admin_client: Client, image: Image):
    question = admin_client.get(f"/admin/analyzer/image/{image.pk}/delete/").content.decode()
    assert f"{image.image_id} (app:latest), held by Alice&#x27;s team" in question
    assert "1.17 KiB of layers that no other image uses" in question
    admin_client.post(f"/admin/analyzer/image/{image.pk}/delete/", {"post": "yes"})
    assert not Image.objects.exists()
    assert not Layer.objects.exists()


def test_deleting_the_selected_images_frees_their_layers(admin_client: Client, image: Image):
    form = {"action": "delete_selected", "_selected_action": [image.pk], "post": "yes"}
    admin_client.post("/admin/analyzer/image/", form)
    assert not Image.objects.exists()
    assert not Layer.objects.exists()


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
