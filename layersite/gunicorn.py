"""gunicorn's configuration: `gunicorn -c python:layersite.gunicorn layersite.wsgi`.

Threads, because an upload of many gigabytes holds one for as long as it takes, and waits for the network most of it.
"""

import os
from pathlib import Path
from typing import Any

from django.conf import settings

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
loglevel = "warning"
if os.path.isdir("/dev/shm"):  # noqa: S108 - gunicorn makes its own file in it; on a disk its heartbeat could stall
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# The processes add up their figures through files here; those of the last run count no more.
metrics_folder = Path(settings.RUN_DIR) / "metrics"
metrics_folder.mkdir(exist_ok=True)
for file in metrics_folder.glob("*.db"):
    file.unlink(missing_ok=True)
raw_env = [f"PROMETHEUS_MULTIPROC_DIR={metrics_folder}"]


def child_exit(server: Any, worker: Any) -> None:
    """Called when a process has ended: what it measured of the moment is forgotten, its counts stay."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid, path=str(metrics_folder))  # type: ignore[no-untyped-call]
