"""gunicorn's configuration: `gunicorn -c python:layersite.gunicorn layersite.wsgi`.

Threads, because an upload of many gigabytes holds one for as long as it takes, and waits for the network most of it.
"""

import gc
import os
import shutil
import tempfile
from typing import Any

from django.conf import settings
from gunicorn.http import message

bind = f"[{settings.BIND}]:{settings.PORT}" if ":" in settings.BIND else f"{settings.BIND}:{settings.PORT}"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
worker_class = "gthread"
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 5
# Which proxies are believed is said by TRUSTED_PROXIES, and Django acts on it.
forwarded_allow_ips = ""
control_socket_disable = True
# The address of a file's page has the file's whole path, and htmx sends that address in a header: three characters a
# byte at worst. gunicorn takes no setting over its own 8,190, but one that lets lines grow without an end.
limit_request_line = message.MAX_REQUEST_LINE = 3 * settings.LIMITS.max_path_bytes + 4_096
limit_request_field_size = limit_request_line
loglevel = "warning"
if os.path.isdir("/dev/shm"):  # noqa: S108 - gunicorn makes its own file in it; on a disk its heartbeat could stall
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# The processes add up their figures through files in a folder that lives as long as this run.
metrics_folder = tempfile.mkdtemp(prefix="layersite-metrics-")
raw_env = [f"PROMETHEUS_MULTIPROC_DIR={metrics_folder}"]


def pre_fork(server: Any, worker: Any) -> None:
    """Called before a process is made: the collector of garbage leaves alone what was loaded for all of them.

    Else each looks through all of it on its first page, and so copies it: measured, 110 ms and more.
    """
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Called in a process before it takes requests."""
    from layersite.preload import alive, read_ahead

    with alive(worker.notify, timeout / 4):
        read_ahead()


def child_exit(server: Any, worker: Any) -> None:
    """Called when a process has ended: what it measured of the moment is forgotten, its counts stay."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid, path=metrics_folder)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Called when the last process has ended."""
    shutil.rmtree(metrics_folder, ignore_errors=True)
