"""Jobs: the list and one job, live until they end; cancel, try again, remove."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from analyzer.models import Job, JobState
from tests.cast import Cast
from tests.rows import add_image, add_job, diff_id
from tests.web.budget import get_within_budget


def running(cast: Cast) -> Job:
    return add_job(
        cast.team,
        "app.tar",
        state=JobState.RUNNING,
        layers={"base": "known", "app": "reading", "top": "waiting"},
        started=timezone.now(),
    )


def test_a_running_job_tells_the_layer_and_the_bytes(cast: Cast):
    running(cast)
    text = cast.client(cast.alice).get("/jobs/").content.decode()
    assert "1 running" in text
    assert "reading layer 2 of 3" in text
    assert "1.58 KiB of 2.93 KiB read" in text
    assert "1 of 3 layers was stored already" in text
    assert "--p:0.6200" in text


def test_the_list_asks_for_itself_while_something_runs(cast: Cast):
    job = running(cast)
    client = cast.client(cast.alice)
    assert 'hx-trigger="every 1s"' in client.get("/jobs/").content.decode()
    assert client.get("/jobs/rows/").status_code == 200
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    assert "every 1s" not in client.get("/jobs/").content.decode()
    rows = client.get("/jobs/rows/")
    assert rows.status_code == 286
    assert "<html" not in rows.content.decode()


def test_one_job_is_exchanged_alone_until_it_ends(cast: Cast):
    job = running(cast)
    client = cast.client(cast.alice)
    assert "reading, 62.0 %" in client.get(f"/jobs/{job.pk}/").content.decode()
    fragment = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in fragment.content.decode()
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    assert client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).status_code == 286


def test_a_queued_job_knows_its_place_in_the_line(cast: Cast):
    add_job(cast.other_team, "first.tar", state=JobState.QUEUED)
    add_job(cast.team, "second.tar", state=JobState.QUEUED)
    assert "queued, 1 ahead" in cast.client(cast.alice).get("/jobs/").content.decode()


def test_a_failed_job_says_why_and_can_be_tried_again(cast: Cast):
    add_job(cast.team, "rootfs.tar", state=JobState.FAILED, error="It has no manifest.json. Use docker save.")
    text = cast.client(cast.alice).get("/jobs/").content.decode()
    assert "It has no manifest.json. Use docker save." in text
    assert "Try again" in text
    assert "Remove…" in text


def test_a_job_that_was_read_in_part_says_what_that_means(cast: Cast):
    image = add_image(cast.team, ["legacy"], layers={"a": 1, "b": 2}, missing=["b"])
    finding = {"image_id": image.image_id, "severity": "error", "code": "blob-missing", "layer": 1, "path": None}
    job = add_job(
        cast.team, state=JobState.PARTIAL, images=[image], findings=[{**finding, "detail": "The bytes are not there."}]
    )
    text = cast.client(cast.alice).get(f"/jobs/{job.pk}/").content.decode()
    assert "1 of 2 layers is missing: its bytes are not in the archive." in text
    assert "blob-missing" in text
    assert "The bytes are not there." in text


def test_figures_are_shown_of_layers_that_were_read_not_of_declared_ones(cast: Cast):
    add_image(cast.other_team, ["secret"], layers={"secret": 123_456})
    job = add_job(cast.team, state=JobState.RUNNING, layers={"secret": "waiting"})
    client = cast.client(cast.alice)
    text = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "123,456" not in text
    assert f"/layers/{diff_id('secret')}/" not in text
    assert client.get(f"/jobs/{job.pk}/?format=json").json()["layers"][0]["size"] is None


def test_the_twins_have_every_job_and_every_layer(cast: Cast):
    for number in range(25):
        add_job(cast.team, f"{number}.tar", layers={"base": "read"})
    client = cast.client(cast.alice)
    assert len(client.get("/jobs/?format=json").json()["jobs"]) == 25
    assert len(client.get("/jobs/?format=csv").content.decode().splitlines()) == 26
    job = Job.objects.earliest("created")
    assert client.get(f"/jobs/{job.pk}/?format=csv").content.decode().startswith("position,diff_id,length")


def test_the_list_has_pages(cast: Cast):
    for number in range(21):
        add_job(cast.team, f"{number}.tar")
    client = cast.client(cast.alice)
    first = client.get("/jobs/").content.decode()
    assert "page 1 of 2" in first
    assert "21 finished" in first
    assert ">0.tar</a>" in client.get("/jobs/?page=2").content.decode()


def test_cancelling_stops_the_job(cast: Cast):
    job = running(cast)
    response = cast.client(cast.alice).post(f"/jobs/{job.pk}/cancel/", {"back": "job"}, follow=True)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert "app.tar was cancelled" in response.content.decode()
    assert response.redirect_chain[-1][0] == f"/jobs/{job.pk}/"


def test_who_cancels_below_add_images_stays_there(cast: Cast):
    job = running(cast)
    client = cast.client(cast.alice)
    response = client.post(f"/jobs/{job.pk}/cancel/", {"back": "add"})
    assert response["Location"] == "/add/"
    row = client.post(f"/jobs/{job.pk}/cancel/", {"back": "add"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in row
    assert f'id="row-{job.pk}"' in row
    assert "The job has ended already." in row


def test_an_ended_job_is_not_cancelled_again(cast: Cast):
    job = add_job(cast.team)
    response = cast.client(cast.alice).post(f"/jobs/{job.pk}/cancel/", follow=True)
    assert "The job has ended already." in response.content.decode()


def test_trying_again_needs_the_archive(cast: Cast, tmp_path: Path):
    job = add_job(cast.team, state=JobState.FAILED)
    client = cast.client(cast.alice)
    Job.objects.filter(pk=job.pk).update(path=str(tmp_path / "gone.tar"))
    assert "no longer here" in client.post(f"/jobs/{job.pk}/retry/", follow=True).content.decode()
    (tmp_path / "there.tar").touch()
    Job.objects.filter(pk=job.pk).update(path=str(tmp_path / "there.tar"))
    assert "begins again" in client.post(f"/jobs/{job.pk}/retry/", follow=True).content.decode()
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_removing_asks_first_and_images_stay(cast: Cast):
    image = add_image(cast.team, ["app"], layers={"a": 1})
    job = add_job(cast.team, images=[image])
    client = cast.client(cast.alice)
    question = client.get(f"/jobs/{job.pk}/remove/").content.decode()
    assert "Remove this job?" in question
    assert "The image that came of it stays." in question
    assert Job.objects.filter(pk=job.pk).exists()
    assert "was removed from the list" in client.post(f"/jobs/{job.pk}/remove/", follow=True).content.decode()
    assert not Job.objects.filter(pk=job.pk).exists()
    assert cast.team.images.filter(pk=image.pk).exists()


def test_a_running_job_is_not_removed(cast: Cast):
    job = running(cast)
    client = cast.client(cast.alice)
    assert "Cancel it first" in client.get(f"/jobs/{job.pk}/remove/").content.decode()
    assert "Cancel the job first." in client.post(f"/jobs/{job.pk}/remove/", follow=True).content.decode()


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_what_changes_a_job_is_a_post(cast: Cast, action: str):
    assert cast.client(cast.alice).get(f"/jobs/{add_job(cast.team).pk}/{action}/").status_code == 405


@pytest.mark.parametrize("address", ["/jobs/", "/jobs/rows/"])
def test_the_number_of_queries_does_not_grow_with_the_jobs(cast: Cast, address: str):
    for number in range(20):
        image = add_image(cast.team, [f"app{number}"], layers={f"app{number}": 1})
        add_job(cast.team, images=[image], layers={f"app{number}": "read"})
    assert get_within_budget(cast.client(cast.alice), address).status_code in (200, 286)


def test_one_job_stays_within_its_budget(cast: Cast):
    job = add_job(cast.team, layers={f"layer{number}": "read" for number in range(100)})
    assert get_within_budget(cast.client(cast.alice), f"/jobs/{job.pk}/").status_code == 200


def test_team_access_works(cast: Cast):
    job = add_job(cast.team, "app.tar")
    client = cast.client(cast.bob)
    assert "app.tar" in client.get("/jobs/").content.decode()
    assert client.get(f"/jobs/{job.pk}/").status_code == 200


def test_a_bad_id_gives_404(cast: Cast):
    client = cast.client(cast.alice)
    assert client.get(f"/jobs/{uuid4()}/").status_code == 404
    assert client.get("/jobs/nonsense/").status_code == 404


def test_ownership_is_checked(cast: Cast):
    job = add_job(cast.team, "app.tar", state=JobState.FAILED)
    client = cast.client(cast.charlie)
    assert "app.tar" not in client.get("/jobs/").content.decode()
    assert client.get(f"/jobs/{job.pk}/").status_code == 404
    for action in ("cancel", "retry", "remove"):
        assert client.post(f"/jobs/{job.pk}/{action}/").status_code == 404
    assert Client().get("/jobs/").status_code == 302
