"""The workers' entry point: `celery -A layersite worker`."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging

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
