"""Celery tasks: a name, a row, and the step that does it. Delivered at least once; every step may run twice."""

from contextlib import suppress

from celery import shared_task

from analyzer.about import about
from analyzer.services import common_ground as common_grounds
from analyzer.services import indexing, notices, passwords, retention, watching, webhooks, work
from analyzer.services import reconcile as reconciling
from analyzer.services import upkeep_steps as upkeeping
from analyzer.services.leases import Taken


@shared_task(name="analyzer.tasks.open_archive")
def open_archive(job_id: str) -> None:
    with suppress(Taken):
        work.open_step(job_id)


@shared_task(name="analyzer.tasks.read_layer")
def read_layer(job_layer_id: int) -> None:
    with suppress(Taken):
        work.layer_step(job_layer_id)


@shared_task(name="analyzer.tasks.assemble")
def assemble(job_id: str) -> None:
    with suppress(Taken):
        work.assemble_step(job_id)


@shared_task(name="analyzer.tasks.index_layers")
def index_layers() -> None:
    indexing.index_some()


@shared_task(name="analyzer.tasks.common_ground")
def common_ground(key: str) -> None:
    common_grounds.compute(key)


@shared_task(name="analyzer.tasks.poll_watch")
def poll_watch(watch_id: int) -> None:
    with suppress(Taken):
        watching.poll(watch_id)


@shared_task(name="analyzer.tasks.upkeep")
def upkeep(pk: int) -> None:
    with suppress(Taken), about(upkeep=str(pk)):
        upkeeping.run(pk)


@shared_task(name="analyzer.tasks.mail_reset")
def mail_reset(address: str, site: str) -> None:
    passwords.mail_link(address, site)


@shared_task(name="analyzer.tasks.deliver_notice")
def deliver_notice(notice_id: int) -> None:
    notices.deliver(notice_id)


@shared_task(name="analyzer.tasks.deliver_webhook")
def deliver_webhook(pk: str) -> None:
    webhooks.deliver(pk)


@shared_task(name="analyzer.tasks.retain")
def retain(team_id: int) -> None:
    with suppress(Taken):
        retention.run_daily(team_id)


@shared_task(name="analyzer.tasks.retention_run")
def retention_run(pk: int) -> None:
    with suppress(Taken):
        retention.run(pk)


@shared_task(name="analyzer.tasks.reconcile")
def reconcile() -> None:
    reconciling.reconcile()


@shared_task(name="analyzer.tasks.sweep")
def sweep() -> None:
    reconciling.sweep()
