"""What the bell has missed: rings again for work that nobody does, and sweeps what nobody needs.

Called every few seconds by the worker's own clock; running it twice at once does no harm.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from analyzer import queue
from analyzer.models import ENDED, Job, JobLayer, JobLayerState, JobStage
from analyzer.services import (
    audit,
    common_ground,
    handover,
    indexing,
    jobs,
    keeping,
    leases,
    notices,
    pulling,
    quotas,
    removal,
    retention,
    upkeep,
    uploads,
    watching,
    webhooks,
)

log = logging.getLogger(__name__)


def reconcile() -> int:
    """Rings for every row whose message or worker was lost. Returns how often it rang."""
    quiet = timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    open_jobs = Job.objects.filter(leases.free(), rung__lt=quiet).exclude(state__in=ENDED)
    rang = 0
    for job in open_jobs:
        if job.stage in (JobStage.WAITING, JobStage.FETCHING, JobStage.OPENING):
            queue.ring("open_archive", str(job.pk))
            rang += 1
            continue
        unread = job.layers.filter(state__in=(JobLayerState.WAITING, JobLayerState.READING))
        lost = list(unread.filter(leases.free(), rung__lt=quiet).values_list("pk", flat=True))
        for pk in lost:
            queue.ring("read_layer", pk)
        JobLayer.objects.filter(pk__in=lost).update(rung=timezone.now())
        rang += len(lost)
        if not unread.exists():
            queue.ring("assemble", str(job.pk))
            rang += 1
    open_jobs.update(rung=timezone.now())
    indexing.ring_if_waiting()
    watching.ring_due()
    rang += upkeep.ring_lost()
    rang += retention.ring_lost()
    notices.ring_due()
    webhooks.ring_due()
    if rang:
        log.info("rang again for %s rows", rang)
    return rang


def sweep() -> None:
    """Drops staged archives that were kept for another try too long, abandoned uploads, half-written blobs, orphans."""
    old = timezone.now() - timedelta(hours=settings.UPLOAD_EXPIRY_HOURS)
    for job in Job.objects.filter(state__in=ENDED, finished__lt=old).exclude(path=""):
        jobs.drop_staged(job)
        Job.objects.filter(pk=job.pk).update(path="")
    uploads.expire_uploads()
    handover.tidy()
    pulling.sweep(settings.UPLOAD_EXPIRY_HOURS * 3600)
    common_ground.forget()
    keeping.sweep(int(timezone.now().timestamp() // 60))
    removal.remove_orphans(older_than=timedelta(hours=1))
    upkeep.forget()
    webhooks.forget()
    audit.forget()
    retention.ring_due()
    quotas.warn_due()
