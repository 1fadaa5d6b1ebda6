"""Jobs, step by step: each may run twice, be cancelled or find its layer gone."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from analyzer.models import Image, Job, JobLayer, JobLayerState, JobStage, JobState, Layer
from analyzer.services import jobs, work
from analyzer.services.jobs import JobNotReady
from analyzer.services.leases import Taken
from analyzer.services.reconcile import reconcile
from tests.archives import docker_save, image, layer, tar, write
from tests.cast import Cast
from tests.taking import run_job, run_steps

BASE = layer({"etc/motd": b"hello"})
APP = layer({"srv/app": b"code"})

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(cast: Cast, tmp_path: Path) -> Job:
    path = write(tmp_path / "app.tar", docker_save(image([BASE, APP], tags=["shop:1"])))
    return jobs.create_job(team=cast.team, user=cast.alice, name="app.tar", path=path, size=path.stat().st_size)


def refreshed(job: Job) -> Job:
    job.refresh_from_db()
    return job


def test_a_job_ends_done_with_its_archive_and_drops_what_was_staged(job: Job) -> None:
    run_steps(job)
    refreshed(job)
    assert (job.state, job.stage) == (JobState.DONE, JobStage.ENDED)
    assert job.archive is not None
    assert job.archive.archive_images.count() == 1
    assert job.bytes_total == len(BASE.tar) + len(APP.tar)
    assert not Path(job.path).exists()
    assert not jobs.work_folder(job).exists()


def test_each_step_may_be_delivered_twice(job: Job) -> None:
    work.open_step(str(job.pk))
    with pytest.raises(Taken):
        work.open_step(str(job.pk))
    for pk in job.layers.values_list("pk", flat=True):
        work.layer_step(pk)
        work.layer_step(pk)
    work.assemble_step(str(job.pk))
    with pytest.raises(Taken):
        work.assemble_step(str(job.pk))
    assert refreshed(job).state == JobState.DONE
    assert Image.objects.count() == 1


def test_a_row_that_is_held_is_left_alone(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() + timedelta(minutes=1), lease_token="other")
    with pytest.raises(Taken):
        work.open_step(str(job.pk))
    assert refreshed(job).stage == JobStage.WAITING


def test_a_job_whose_workers_die_is_given_up_after_three_attempts(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(attempt=settings.JOB_ATTEMPTS)
    with pytest.raises(Taken):
        work.open_step(str(job.pk))
    assert refreshed(job).state == JobState.FAILED
    assert "3 attempts" in job.error


def test_what_is_no_archive_fails_at_once_in_words(cast: Cast, tmp_path: Path) -> None:
    failed = run_job(tmp_path, {"etc/passwd": b"root"}, cast.team)
    assert failed.state == JobState.FAILED
    assert "docker save" in failed.error
    assert failed.attempt == 1


def test_a_damaged_layer_makes_the_job_partial(cast: Cast, tmp_path: Path) -> None:
    members = docker_save(image([BASE, APP], tags=["shop:1"]))
    name = next(name for name, data in members.items() if data == APP.tar)
    members[name] = APP.tar[:700]
    partial = run_job(tmp_path, members, cast.team)
    assert partial.state == JobState.PARTIAL
    outcome = JobLayer.objects.get(job=partial, state=JobLayerState.NOT_OK).outcome
    assert outcome is not None
    assert outcome["status"] == "damaged"


def test_a_cancelled_job_stops_and_can_be_tried_again(job: Job) -> None:
    work.open_step(str(job.pk))
    jobs.cancel_job(job)
    for pk in job.layers.values_list("pk", flat=True):
        work.layer_step(pk)
    assert refreshed(job).state == JobState.CANCELLED
    assert not Layer.objects.exists()
    jobs.retry_job(job)
    run_steps(job)
    assert refreshed(job).state == JobState.DONE


def test_a_finished_job_can_be_neither_cancelled_nor_tried_again(job: Job) -> None:
    run_steps(job)
    with pytest.raises(JobNotReady):
        jobs.cancel_job(refreshed(job))
    with pytest.raises(JobNotReady):
        jobs.retry_job(job)
    jobs.remove_job(job)
    assert not Job.objects.exists()
    assert Image.objects.count() == 1


def test_a_running_job_must_be_cancelled_before_it_is_removed(job: Job) -> None:
    with pytest.raises(JobNotReady):
        jobs.remove_job(job)


def test_a_layer_removed_meanwhile_is_read_again(job: Job) -> None:
    work.open_step(str(job.pk))
    for pk in job.layers.values_list("pk", flat=True):
        work.layer_step(pk)
    Layer.objects.get(diff_id=APP.diff_id).delete()
    work.assemble_step(str(job.pk))
    assert refreshed(job).stage == JobStage.LAYERS
    assert list(job.layers.filter(state=JobLayerState.WAITING).values_list("diff_id", flat=True)) == [APP.diff_id]
    for pk in job.layers.values_list("pk", flat=True):
        work.layer_step(pk)
    work.assemble_step(str(job.pk))
    assert refreshed(job).state == JobState.DONE


def test_the_reconciler_rings_for_rows_that_nobody_works_on(job: Job) -> None:
    assert reconcile() == 0, "the bell has just been rung"
    quiet = timezone.now() - timedelta(seconds=2 * settings.JOB_LEASE_SECONDS)
    Job.objects.filter(pk=job.pk).update(rung=quiet)
    assert reconcile() == 1
    work.open_step(str(job.pk))
    Job.objects.filter(pk=job.pk).update(rung=quiet)
    JobLayer.objects.filter(job=job).update(rung=quiet)
    assert reconcile() == 2


def test_a_compressed_archive_is_inflated_once_for_all_steps(cast: Cast, tmp_path: Path) -> None:
    done = run_job(tmp_path, docker_save(image([BASE, APP])), cast.team, compression="gzip")
    assert done.state == JobState.DONE
    assert not jobs.work_folder(done).exists()


def test_an_archive_that_vanished_is_said_in_words(job: Job) -> None:
    Path(job.path).unlink()
    work.open_step(str(job.pk))
    assert refreshed(job).error


def test_nothing_of_the_outer_tar_lands_on_the_disk_by_its_own_name(cast: Cast, tmp_path: Path) -> None:
    members = docker_save(image([BASE]))
    hostile = {"../escaped": b"x", "/etc/escaped": b"x", **members}
    (tmp_path / "app.tar").write_bytes(tar(hostile))
    assert run_job(tmp_path, hostile, cast.team).state == JobState.DONE
    assert not list(tmp_path.parent.glob("**/escaped"))
