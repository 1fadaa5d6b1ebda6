"""The one door: what a viewer may see, and that all else does not exist for them."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import Http404

from analyzer.models import Archive, Membership, Role, Upload
from analyzer.selectors import access
from tests.cast import Cast
from tests.rows import add_image, add_job, diff_id


def test_teams_are_those_one_is_in(cast: Cast):
    assert list(access.teams_of(cast.alice)) == [cast.team]
    assert access.team_for(cast.bob, "alices-team") == cast.team
    with pytest.raises(Http404):
        access.team_for(cast.charlie, "alices-team")


def test_nobody_and_superusers_see_only_what_their_teams_hold(cast: Cast):
    image = add_image(cast.team, ["app"], layers={"app": 1})
    root = User.objects.create_superuser("root")
    for viewer in (AnonymousUser(), root):
        assert not access.visible_images(viewer).exists()
        assert not access.visible_layers(viewer).exists()
        with pytest.raises(Http404):
            access.image_for(viewer, image.image_id)


def test_an_image_that_two_teams_hold_is_seen_once(cast: Cast):
    image = add_image(cast.team, ["app"], layers={"app": 1})
    image.holdings.create(team=cast.other_team)
    Membership.objects.create(team=cast.other_team, user=cast.alice, role=Role.OWNER)
    assert access.visible_images(cast.alice).count() == 1
    assert access.visible_layers(cast.alice).count() == 1


def test_an_id_means_the_honest_image_and_the_other_has_its_chain_in_the_address(cast: Cast):
    honest = add_image(cast.team, ["app"], layers={"app": 1})
    forged = add_image(
        cast.team, ["app:forged"], layers={"evil": 1}, image_id=honest.image_id, forged_chain_id=diff_id("evil")
    )
    assert access.image_for(cast.alice, access.ref_of(honest)) == honest
    assert access.ref_of(forged) == f"{honest.image_id}@{diff_id('evil')}"
    assert access.image_for(cast.alice, access.ref_of(forged)) == forged


def test_of_a_whole_and_an_incomplete_image_the_whole_one_is_meant(cast: Cast):
    image_id = diff_id("config")
    add_image(cast.team, [], layers={"a": 1, "b": 2}, missing=["b"], image_id=image_id)
    whole = add_image(cast.team, [], layers={"a": 1, "b": 2}, image_id=image_id)
    assert access.image_for(cast.alice, image_id) == whole


def test_a_layer_is_seen_through_an_image_only(cast: Cast):
    add_image(cast.team, ["app"], layers={"app": 1})
    add_image(cast.other_team, ["secret"], layers={"secret": 1})
    assert access.layer_for(cast.bob, diff_id("app")).size == 1
    for viewer, word in ((cast.alice, "secret"), (cast.charlie, "app"), (cast.alice, "nothing")):
        with pytest.raises(Http404):
            access.layer_for(viewer, diff_id(word))


def test_a_layer_that_is_missing_in_the_own_image_is_not_seen_through_it(cast: Cast):
    add_image(cast.other_team, ["secret"], layers={"secret": 1})
    add_image(cast.team, ["app"], layers={"secret": 1}, missing=["secret"])
    with pytest.raises(Http404):
        access.layer_for(cast.alice, diff_id("secret"))


def test_jobs_and_archives_are_the_teams(cast: Cast):
    job = add_job(cast.team)
    archive = Archive.objects.get()
    assert access.job_for(cast.bob, job.pk) == job
    assert access.archive_for(cast.bob, archive.pk) == archive
    with pytest.raises(Http404):
        access.job_for(cast.charlie, job.pk)
    with pytest.raises(Http404):
        access.archive_for(cast.charlie, archive.pk)
    with pytest.raises(Http404):
        access.job_for(cast.alice, uuid4())


def test_an_upload_is_its_senders_alone(cast: Cast):
    upload = Upload.objects.create(team=cast.team, user=cast.alice, name="app.tar")
    assert access.upload_for(cast.alice, upload.pk) == upload
    for viewer in (cast.bob, cast.charlie):
        with pytest.raises(Http404):
            access.upload_for(viewer, upload.pk)
    cast.alice.memberships.all().delete()
    with pytest.raises(Http404):
        access.upload_for(cast.alice, upload.pk)
