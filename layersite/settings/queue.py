"""Celery: the broker only wakes workers, so losing a message costs seconds and never a job."""

from typing import Any

from . import env
from .jobs import JOB_LEASE_SECONDS, JOB_TIME_LIMIT_SECONDS, WORKER_MEMORY_BYTES, WORKER_PROCESSES
from .logs import LOG_LEVEL
from .storage import BROKER_DIR

# The application by its dotted name: whoever rings the bell imports it at that moment, so commands start without it.
CELERY_APP = "layersite.celery.app"

BROKER_URL = env.text("BROKER_URL", "filesystem://")
BROKER_IS_EMBEDDED = BROKER_URL.startswith("filesystem:")


def transport_options() -> dict[str, Any]:
    """Options of the broker's transport: folders of our own, or redelivery that doesn't take minutes."""
    if BROKER_IS_EMBEDDED:
        queue, control = BROKER_DIR / "queue", BROKER_DIR / "control"
        for folder in (queue, control):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {
            "data_folder_in": str(queue),
            "data_folder_out": str(queue),
            "control_folder": str(control),
            "polling_interval": 0.2,
        }
    return {
        # Below the time limit, a task that still runs would be delivered again.
        "visibility_timeout": JOB_TIME_LIMIT_SECONDS + 60,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        "socket_timeout": 30,
    }


CELERY_BROKER_URL = "filesystem://localhost" if BROKER_IS_EMBEDDED else BROKER_URL  # a URL without a host is warned of
if BROKER_IS_EMBEDDED:
    CELERY_BROKER_TRANSPORT = "layersite.embedded_broker.Transport"
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options()
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is gone for an hour is waited for
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = JOB_TIME_LIMIT_SECONDS
CELERY_TASK_DEFAULT_QUEUE = "layersite"
CELERY_WORKER_CONCURRENCY = WORKER_PROCESSES
CELERY_WORKER_MAX_MEMORY_PER_CHILD = WORKER_MEMORY_BYTES >> 10  # in KiB
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_LOG_LEVEL = LOG_LEVEL
CELERY_TIMEZONE = "UTC"
# One entry with a fixed interval needs no file to remember when it ran.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
# Often enough that work whose worker is gone lies idle for little longer than its lease.
RECONCILE_SECONDS = min(10.0, JOB_LEASE_SECONDS / 3)
CELERY_BEAT_SCHEDULE = {
    # An unread call is worth nothing once the next is due.
    "reconcile": {
        "task": "analyzer.tasks.reconcile",
        "schedule": RECONCILE_SECONDS,
        "options": {"expires": RECONCILE_SECONDS},
    },
    "sweep": {"task": "analyzer.tasks.sweep", "schedule": 60.0, "options": {"expires": 60}},
}
