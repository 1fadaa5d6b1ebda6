"""Jobs by the API: how far they are, what came of them; cancel and retry."""

from pathlib import Path
from uuid import uuid4

import pytest

from analyzer.api.schemas import JobOut, JobSummary
from analyzer.models import Job, JobState
from tests.api.client import Api
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.rows import add_job
from tests.taking import run_job

APP = image([layer({"a": b"hello"})], tags=["app:1"])


@pytest.fixture
def alice(cast: Cast) -> Api:
    return Api(cast.alice)


def test_a_job_tells_how_far_it_is(alice: Api, cast: Cast) -> None:
    job = add_job(cast.team, "app.tar", state=JobState.RUNNING, layers={"base": "known", "app": "reading"})
    document = alice.get(f"jobs/{job.pk}/").json()
    assert JobOut.model_validate(document).model_dump(exclude_unset=True) == document
    assert (document["name"], document["state"], document["team"]) == ("app.tar", "running", cast.team.slug)
    progress = document["progress"]
    assert 0 < progress["bytes_done"] < progress["bytes_total"]
    assert progress["bytes_done"] == sum(each["bytes_done"] for each in document["layers"])
    assert [each["state"] for each in document["layers"]] == ["known", "reading"]


def test_a_job_that_is_done_tells_its_images(alice: Api, cast: Cast, tmp_path: Path) -> None:
    job = run_job(tmp_path, docker_save(APP), cast.team)
    document = alice.get(f"jobs/{job.pk}/").json()
    assert document["state"] == "done"
    assert document["progress"]["bytes_done"] == document["progress"]["bytes_total"] > 0
    assert [each["image_id"] for each in document["images"]] == [APP.id]
    assert alice.get(document["images"][0]["url"]).json()["image_id"] == APP.id
    assert document["findings"] == []


def test_an_archive_that_is_none_fails_with_a_sentence(alice: Api, cast: Cast, tmp_path: Path) -> None:
    job = run_job(tmp_path, {"etc/passwd": b"root"}, cast.team, name="rootfs.tar")
    document = alice.get(f"jobs/{job.pk}/").json()
    assert document["state"] == "failed"
    assert document["error"].endswith(".")
    assert document["images"] == []


def test_the_list_is_newest_first_and_narrowed_by_state_and_team(alice: Api, cast: Cast) -> None:
    first = add_job(cast.team, "first.tar", state=JobState.DONE)
    second = add_job(cast.team, "second.tar", state=JobState.QUEUED)
    page = alice.get("jobs/").json()
    for row in page["results"]:
        assert JobSummary.model_validate(row).model_dump(exclude_unset=True) == row
    assert {row["id"] for row in page["results"]} == {str(first.pk), str(second.pk)}
    assert [row["name"] for row in alice.get("jobs/?state=queued").json()["results"]] == ["second.tar"]
    assert alice.get(f"jobs/?team={cast.team.slug}").json()["count"] == 2
    assert alice.get(f"jobs/?team={cast.other_team.slug}").json()["count"] == 0
    assert alice.get("jobs/?page_size=1&page=2").json()["results"][0] == page["results"][1]


def test_a_job_is_cancelled_and_tried_again(alice: Api, cast: Cast, tmp_path: Path) -> None:
    staged = tmp_path / "app.tar"
    staged.write_bytes(b"x")
    job = add_job(cast.team, "app.tar", state=JobState.QUEUED)
    Job.objects.filter(pk=job.pk).update(path=str(staged))
    assert alice.call("POST", f"jobs/{job.pk}/cancel/").json()["state"] == "cancelled"
    assert alice.call("POST", f"jobs/{job.pk}/cancel/").status_code == 409
    assert alice.call("POST", f"jobs/{job.pk}/retry/").json()["state"] == "queued"
    refused = alice.call("POST", f"jobs/{job.pk}/retry/")
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")


def test_team_access_works(cast: Cast) -> None:
    job = add_job(cast.team, "app.tar", state=JobState.QUEUED)
    bob = Api(cast.bob)
    assert bob.get(f"jobs/{job.pk}/").status_code == 200
    assert bob.call("POST", f"jobs/{job.pk}/cancel/").status_code == 200


def test_a_bad_id_gives_404(alice: Api) -> None:
    for path in (f"jobs/{uuid4()}/", "jobs/nothing/"):
        assert alice.get(path).status_code == 404
    assert alice.call("POST", f"jobs/{uuid4()}/cancel/").status_code == 404


def test_ownership_is_checked(cast: Cast) -> None:
    job = add_job(cast.team, "app.tar", state=JobState.QUEUED)
    charlie = Api(cast.charlie)
    assert charlie.get("jobs/").json()["count"] == 0
    assert charlie.get(f"jobs/{job.pk}/").status_code == 404
    assert charlie.call("POST", f"jobs/{job.pk}/cancel/").status_code == 404
    assert charlie.call("POST", f"jobs/{job.pk}/retry/").status_code == 404
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
