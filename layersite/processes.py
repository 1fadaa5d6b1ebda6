"""The processes that make up the site, each as the command that starts it."""

import sys
from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)  # on top of what is there already


def web() -> Process:
    """The pages and the API."""
    return Process("web", [sys.executable, "-m", "gunicorn", "-c", "python:layersite.gunicorn", "layersite.wsgi"])


def worker(*, with_beat: bool) -> Process:
    """What reads archives. One worker of an installation, and one only, may carry the clock (`with_beat`)."""
    options = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", settings.LOG_LEVEL]
    if with_beat:
        options.append("--beat")
    # The embedded broker moves each message through the folder for temporary files, which others share by default.
    folder = settings.RUN_DIR / "tmp"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Process("worker", [*celery(), "worker", *options], {"TMPDIR": str(folder)})


def beat() -> Process:
    """The clock alone, where several workers share the work."""
    return Process("beat", [*celery(), "beat", "--loglevel", settings.LOG_LEVEL, "--pidfile="])


def celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", "layersite"]
