"""The steps of a job, as workers run them: open the archive, read each layer, assemble the images.

Each step may run twice or be killed anywhere: it claims its row, does what is idempotent, and only
whoever still holds the lease writes the end of it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from analyzer import queue
from analyzer.about import about
from analyzer.archive.budget import LimitReached
from analyzer.archive.opening import open_archive
from analyzer.archive.source import ArchiveContents, ArchiveError, ArchiveFormat, BlobRef, LayerSource, Presence
from analyzer.models import ENDED, Archive, Job, JobLayer, JobLayerState, JobSource, JobStage, JobState
from analyzer.models.sealing import SealBroken
from analyzer.registry.errors import RegistryError
from analyzer.services import handover, jobs, leases, notices, pulls, quotas
from analyzer.services.assembly import Sender, assemble
from analyzer.services.chains import ChainBuilder, LayerGone, layer_there
from analyzer.services.held import held_outcome
from analyzer.services.keeping import keep_blob, recompressed
from analyzer.services.layers import StoredLayer, read_layer, store_blob, store_layer, stored_layer
from analyzer.services.leases import Lease, LeaseLost
from analyzer.services.outcome import LayerOutcome
from analyzer.services.trouble import in_words

log = logging.getLogger(__name__)

BEFORE_LAYERS = (JobStage.WAITING, JobStage.FETCHING, JobStage.OPENING)
FOLDERS: dict[str, ArchiveFormat] = {
    JobSource.REGISTRY: ArchiveFormat.REGISTRY,
    JobSource.DOCKER_DAEMON: ArchiveFormat.DOCKER_DAEMON,
}
"""What is brought into a folder of the site's own."""
UNREAD = (JobLayerState.WAITING, JobLayerState.READING)


def open_step(job_id: str) -> None:
    """Finds out which blobs the archive has, and rings for each."""
    rows = Job.objects.filter(pk=job_id, stage__in=BEFORE_LAYERS).exclude(state__in=ENDED)
    with _step(rows, job_id) as (job, lease):
        Job.objects.filter(pk=job_id, started__isnull=True).update(started=timezone.now())
        if job.source in (JobSource.REGISTRY, JobSource.DOCKER_DAEMON):  # an upload was asked before its first byte
            _check_quota(job)
        if job.source == JobSource.REGISTRY and not _brought(job, lease):
            return
        rows.update(state=JobState.RUNNING, stage=JobStage.OPENING)
        if job.source == JobSource.DOCKER_DAEMON:
            from analyzer.services import engines  # its client of HTTP costs every command a tenth of a second

            engines.fetch(job, lease.check)
        with _opened(job, lease) as contents:
            blobs = unique_blobs(contents)
        if job.source in FOLDERS:  # an upload was handed over when it had arrived
            handover.give(Path(job.path))
        leases.patiently(lambda: _list_blobs(job, blobs))


def _check_quota(job: Job) -> None:
    """Raises QuotaReached; what a watch wanted is brought by a later look then."""
    try:
        quotas.check(job.team)
    except quotas.QuotaReached:
        job.watched_tags.update(digest="")
        raise


def _brought(job: Job, lease: Lease) -> bool:
    """Brings what the job is about; False: its time is over, and another task goes on with it."""
    Job.objects.filter(pk=job.pk).exclude(state__in=ENDED).update(state=JobState.RUNNING, stage=JobStage.FETCHING)
    try:
        pulls.bring(job, lease)
    except pulls.TimeIsOver:
        with transaction.atomic():
            _end_lease(job, stage=JobStage.FETCHING, attempt=0)
            queue.ring("open_archive", str(job.pk))
        return False
    return True


def _list_blobs(job: Job, blobs: list[LayerSource]) -> None:
    with transaction.atomic():
        _end_lease(
            job, stage=JobStage.LAYERS, attempt=0, bytes_total=sum(item.blob.length for item in blobs if item.blob)
        )
        JobLayer.objects.bulk_create(
            (
                JobLayer(
                    job=job,
                    position=position,
                    path=str(source.blob.path),
                    offset=source.blob.offset,
                    length=source.blob.length,
                    diff_id=source.diff_id or "",
                    digest=source.digest or "",
                )
                for position, source in enumerate(blobs)
                if source.blob
            ),
            ignore_conflicts=True,  # a job that is tried again keeps what it has read
        )
        # The longest work is begun first.
        unread = list(job.layers.filter(state__in=UNREAD).order_by("-length").values_list("pk", flat=True))
        for pk in unread:
            queue.ring("read_layer", pk)
        if not unread:
            queue.ring("assemble", str(job.pk))


def layer_step(job_layer_id: int) -> None:
    """Reads one blob, and stores its layer if it is new."""
    rows = JobLayer.objects.filter(pk=job_layer_id, state__in=UNREAD, job__stage=JobStage.LAYERS)
    row = rows.select_related("job").first()
    if row is None:
        return
    with _step(rows, str(row.job_id)) as (job, lease):
        JobLayer.objects.filter(pk=row.pk).update(state=JobLayerState.READING)
        _bring_blob(job, Path(row.path), lease)
        blob = BlobRef(Path(row.path), row.offset, row.length)
        source = LayerSource(Presence.PRESENT, blob, row.diff_id or None, row.digest or None)
        try:
            _read_and_store(row, source, stored_layer(source.diff_id), lease)
        except (LayerGone, IntegrityError) as error:
            log.info("job %s: a layer was removed meanwhile and is read anew: %s", row.job_id, error)
            _read_and_store(row, source, None, lease)


def _bring_blob(job: Job, path: Path, lease: Lease) -> None:
    """Makes the blob's file be on this host, where another one has opened the archive."""
    if path.exists():
        return
    if path.is_relative_to(jobs.work_folder(job)):  # the plain form of a compressed archive: made here again
        with _opened(job, lease):
            return
    handover.bring(path, lease.check)


def _read_and_store(row: JobLayer, source: LayerSource, stored: StoredLayer | None, lease: Lease) -> None:
    outcome, new = read_layer(source, stored, settings.LIMITS, lease.progress)
    keep = settings.KEEP_BLOBS and outcome.blob_digest is not None and outcome.ok
    keep = keep and not recompressed(outcome.diff_id)
    ours = row.job.source in FOLDERS and Path(row.job.path).is_dir()  # a file for each blob, which go with the job
    if keep and outcome.blob_digest and source.blob:
        keep_blob(outcome.blob_digest, source.blob, ours=ours)
    lease.check()

    def store() -> None:
        with transaction.atomic():
            if outcome.ok:
                layer = store_layer(new) if new else layer_there(outcome.diff_id)
                store_blob(outcome, layer, kept=keep)
            _end_layer(row, lease, outcome)

    leases.patiently(store)
    if keep and outcome.blob_digest and source.blob:  # again, in case a removal took the bytes before the row was there
        keep_blob(outcome.blob_digest, source.blob, ours=ours)


def _end_layer(row: JobLayer, lease: Lease, outcome: LayerOutcome) -> None:
    state = JobLayerState.NOT_OK
    if outcome.ok:
        state = JobLayerState.KNOWN if outcome.known else JobLayerState.READ
    ended = JobLayer.objects.filter(pk=row.pk, lease_token=lease.token).update(
        state=state,
        outcome=outcome.as_json(),
        diff_id=outcome.diff_id or "",
        bytes_done=row.length,
        lease_token="",
        lease_until=None,
    )
    if not ended:
        raise LeaseLost
    if not JobLayer.objects.filter(job_id=row.job_id, state__in=UNREAD).exists():
        queue.ring("assemble", str(row.job_id))


def assemble_step(job_id: str) -> None:
    """Builds chains and images once every blob has been read, and ends the job."""
    rows = Job.objects.filter(pk=job_id, stage__in=(JobStage.LAYERS, JobStage.ASSEMBLING)).exclude(state__in=ENDED)
    if JobLayer.objects.filter(job_id=job_id, state__in=UNREAD).exists():
        return
    with _step(rows, job_id) as (job, lease):
        rows.update(stage=JobStage.ASSEMBLING)
        with _opened(job, lease) as contents:
            leases.patiently(lambda: _assemble(job, contents))
        job.refresh_from_db()
        if job.ended:
            log.info("job %s is %s", job.pk, job.state)
            jobs.drop_staged(job)
            queue.ring("index_layers")


def _assemble(job: Job, contents: ArchiveContents) -> None:
    outcomes = {
        (row.path, row.offset, row.length): LayerOutcome.from_json(row.outcome)
        for row in job.layers.all()
        if row.outcome is not None
    }

    def outcome_of(source: LayerSource) -> LayerOutcome:
        if source.presence is Presence.HELD:
            return held_outcome(source)
        if source.blob is None:
            return LayerOutcome.absent(source)
        return outcomes[(str(source.blob.path), source.blob.offset, source.blob.length)]

    def done(archive: Archive) -> None:
        state = JobState.DONE if archive.whole else JobState.PARTIAL
        _end_lease(job, stage=JobStage.ENDED, state=state, archive=archive, finished=timezone.now())
        job.state = state
        notices.note(job)

    try:
        assemble(Sender(job.team, job.user, job.name), contents, outcome_of, ChainBuilder(), done)
    except (LayerGone, IntegrityError) as error:
        log.info("job %s: a layer or chain was removed meanwhile, its blobs are read again: %s", job.pk, error)
        gone = error.diff_ids if isinstance(error, LayerGone) else []
        if pulls.relied_on(job, gone):
            with transaction.atomic():
                _end_lease(job, stage=JobStage.FETCHING)
                pulls.bring_again(job)
                queue.ring("open_archive", str(job.pk))
            return
        again = job.layers.filter(diff_id__in=gone) if gone else job.layers.all()
        with transaction.atomic():
            _end_lease(job, stage=JobStage.LAYERS)
            again.update(state=JobLayerState.WAITING, attempt=0, bytes_done=0)
            for pk in again.values_list("pk", flat=True):
                queue.ring("read_layer", pk)


def unique_blobs(contents: ArchiveContents) -> list[LayerSource]:
    """Each blob of the archive once, in the order of its images and layers."""
    blobs: dict[tuple[str, int, int], LayerSource] = {}
    for image in contents.images:
        for layer in image.layers:
            if layer.blob:
                blobs.setdefault((str(layer.blob.path), layer.blob.offset, layer.blob.length), layer)
    return list(blobs.values())


def _end_lease(job: Job, **fields: object) -> None:
    ended = Job.objects.filter(pk=job.pk, lease_token=job.lease_token).exclude(state__in=ENDED)
    if not ended.update(lease_token="", lease_until=None, rung=timezone.now(), **fields):
        raise LeaseLost


@contextmanager
def _opened(job: Job, lease: Lease) -> Iterator[ArchiveContents]:
    folder = jobs.work_folder(job)
    folder.mkdir(parents=True, exist_ok=True)
    handover.bring(Path(job.path), lease.check)
    with open_archive(
        Path(job.path),
        settings.LIMITS,
        folder,
        lambda _: lease.check(),
        name=job.name,
        keep_plain=True,
        reserve=settings.MIN_FREE_DISK_BYTES,
        layout=FOLDERS.get(job.source, ArchiveFormat.OCI_LAYOUT),
        held=job.held,
    ) as contents:
        if job.source == JobSource.DOCKER_DAEMON:
            contents.format = ArchiveFormat.DOCKER_DAEMON
        yield contents


@contextmanager
def _step(rows: leases.Rows, job_id: str) -> Iterator[tuple[Job, Lease]]:
    """Claims the row and holds it; what goes wrong is written down, and tried again if that can help."""
    token = leases.claim(rows)
    if token is None:
        raise leases.Taken
    job = Job.objects.select_related("team", "user").get(pk=job_id)
    held = rows.filter(lease_token=token)
    if held.get().attempt > settings.JOB_ATTEMPTS:
        why = job.error or "Its worker was killed each time."
        fail(job, f"Given up after {settings.JOB_ATTEMPTS} attempts. {why}")
        raise leases.Taken
    job.lease_token = token
    lease = Lease(held, token)
    with about(job=job_id):
        try:
            with lease.held():
                yield job, lease
        except LeaseLost:
            log.info("job %s was cancelled or taken over", job_id)
        except (ArchiveError, LimitReached, RegistryError, SealBroken) as error:
            why = str(error)
            leases.patiently(lambda: fail(job, why))
        except Exception as error:
            log.exception("job %s", job_id)
            Job.objects.filter(pk=job_id).exclude(state__in=ENDED).update(error=in_words(error))
            held.update(lease_token="", lease_until=None, rung=timezone.now())


def fail(job: Job, why: str) -> None:
    """Ends the job with its reason, unless it has ended already. The staged archive stays for another try."""
    with transaction.atomic():
        failed = (
            Job.objects.filter(pk=job.pk)
            .exclude(state__in=ENDED)
            .update(
                state=JobState.FAILED,
                stage=JobStage.ENDED,
                error=why,
                finished=timezone.now(),
                lease_token="",
                lease_until=None,
            )
        )
        if failed:
            notices.note(job)
            log.info("job %s failed", job.pk)
