"""Jobs as people handle them: begin, cancel, try again, remove."""

import logging
import shutil
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from analyzer import queue
from analyzer.about import about
from analyzer.models import ENDED, Job, JobLayer, JobLayerState, JobSource, JobStage, JobState, Team
from analyzer.selectors.access import Bearer, brought_by
from analyzer.services import audit, handover, pulling

log = logging.getLogger(__name__)


class JobNotReady(Exception):
    """The job is not in a state that allows this; the message says so to a person."""


def create_job(*, team: Team, user: Bearer | None, name: str, path: Path, size: int, owns_path: bool = True) -> Job:
    """A job for a staged archive. The row is committed before the bell rings."""
    handed_over = owns_path and handover.give(path)
    staged = {"name": name, "path": str(path), "size": size, "owns_path": owns_path}
    with transaction.atomic():
        job = Job.objects.create(team=team, **staged, **brought_by(user))
        queue.ring("open_archive", str(job.pk))
        if handed_over:  # this host may have no worker, which would remove it
            transaction.on_commit(partial(path.unlink, missing_ok=True))
    with about(job=str(job.pk)):
        log.info("job %s is queued", job.pk)
    return job


def work_folder(job: Job) -> Path:
    """Where the job keeps what it needs while it runs, such as the plain form of a compressed archive."""
    return Path(settings.WORK_DIR) / str(job.pk)


def cancel_job(job: Job) -> None:
    """Stops the job; its workers notice within a second. Raises JobNotReady if it has ended already."""
    now = timezone.now()
    cancelled = Job.objects.filter(~Q(state__in=ENDED), pk=job.pk).update(
        state=JobState.CANCELLED, stage=JobStage.ENDED, finished=now, lease_token="", lease_until=None
    )
    if not cancelled:
        raise JobNotReady("The job has ended already.")
    JobLayer.objects.filter(job=job).update(lease_token="", lease_until=None)
    audit.note("job.cancel", job.name, job.team)
    shutil.rmtree(work_folder(job), ignore_errors=True)


def retry_job(job: Job) -> None:
    """Begins again with the staged archive; layers that were read stay read. Raises JobNotReady."""
    fetched_again = job.source == JobSource.DOCKER_DAEMON and job.path
    if job.source == JobSource.REGISTRY:
        Job.objects.filter(pk=job.pk).update(path=str(pulling.layout_folder(Path(job.path) if job.path else None)))
    elif not fetched_again and not (job.path and handover.there(Path(job.path))):
        raise JobNotReady("The archive is no longer here; add it again.")
    with transaction.atomic():
        again = Job.objects.filter(pk=job.pk, state__in=(JobState.FAILED, JobState.CANCELLED)).update(
            state=JobState.QUEUED,
            stage=JobStage.WAITING,
            attempt=0,
            error="",
            finished=None,
            lease_until=None,
            lease_token="",
            rung=timezone.now(),
        )
        if not again:
            raise JobNotReady("Only a job that failed or was cancelled can be tried again.")
        unread = JobLayer.objects.filter(job=job, state__in=(JobLayerState.WAITING, JobLayerState.READING))
        unread.update(state=JobLayerState.WAITING, attempt=0, bytes_done=0, lease_until=None, lease_token="")
        queue.ring("open_archive", str(job.pk))


def remove_job(job: Job) -> None:
    """Forgets an ended job and its staged archive; images that came of it stay. Raises JobNotReady."""
    if not job.ended:
        raise JobNotReady("Cancel the job first.")
    drop_staged(job)
    with transaction.atomic():
        audit.note("job.remove", job.name, job.team)
        job.delete()


def drop_staged(job: Job) -> None:
    """Deletes the job's files, if they are ours."""
    shutil.rmtree(work_folder(job), ignore_errors=True)
    if job.path and job.owns_path:
        handover.drop(Path(job.path))
    if job.source == JobSource.REGISTRY:
        pulling.drop_layout(Path(job.path), job.team_id) if job.path else None
        Job.objects.filter(pk=job.pk).exclude(sealed_credentials="").update(sealed_credentials="")
    elif job.source == JobSource.DOCKER_DAEMON and job.path and Path(job.path).is_dir():
        pulling.drop_layout(Path(job.path), None)
    elif job.owns_path and job.path:
        Path(job.path).unlink(missing_ok=True)
