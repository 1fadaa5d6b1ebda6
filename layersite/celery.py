"""The workers' entry point: `celery -A layersite worker`."""

import os
import sys
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import before_task_publish, setup_logging, task_prerun

# A worker of root's is warned of, since pickled messages could run code: here JSON is all that is read.
warnings.filterwarnings("ignore", category=SecurityWarning)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "layersite.settings")

app = Celery("layersite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["analyzer"])


@setup_logging.connect
def configure_logging(**kwargs: Any) -> None:
    """Our log lines in place of Celery's own set-up, which connecting to this signal turns off."""
    from layersite import logs

    logs.configure()


@before_task_publish.connect
def send_request_id(headers: dict[str, Any], **kwargs: Any) -> None:
    """A message says which request it came of, so that a job's log lines can be followed from there."""
    if "structlog" in sys.modules:  # else no request is at work
        import structlog

        headers["request_id"] = structlog.contextvars.get_contextvars().get("request_id", "")


@task_prerun.connect
def bind_request_id(task: Any, **kwargs: Any) -> None:
    """Each log line of a task has its name, and the id of the request that it came of."""
    import structlog

    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name.rpartition(".")[2])
    if request_id := task.request.get("request_id"):
        structlog.contextvars.bind_contextvars(request_id=request_id)
