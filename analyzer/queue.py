"""Rings the bell for workers. Imports no task: a message is a name and the row that it is about.

Delivery is at least once, or never: the rows say what is to be done, the reconciler rings again.
"""

import importlib
import logging
from functools import partial
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import transaction

if TYPE_CHECKING:
    from celery import Celery

log = logging.getLogger(__name__)


def ring(task: str, *args: str | int) -> None:
    """Sends a message once the transaction is committed. A broker that is away costs time, not work."""
    transaction.on_commit(partial(_send, task, args), robust=True)


def _send(task: str, args: tuple[str | int, ...]) -> None:
    module, _, name = settings.CELERY_APP.rpartition(".")
    app = cast("Celery", getattr(importlib.import_module(module), name))
    try:
        app.send_task(f"analyzer.tasks.{task}", args=args, retry=False)
    except Exception as error:  # noqa: BLE001  (whatever the broker's client raises: the reconciler rings again)
        log.warning("broker is away, %s waits for the reconciler: %s", task, error)
