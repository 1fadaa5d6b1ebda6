"""What load balancers and monitoring ask: does it live, can it work, and how busy is it?"""

import hmac
import os
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; nothing else is looked at."""
    return HttpResponse("ok\n", content_type="text/plain")


def database_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations_applied() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are waiting")


def data_folder_is_writable() -> None:
    if not os.access(settings.UPLOAD_DIR, os.W_OK | os.X_OK):
        raise RuntimeError("the data folder is not writable")


def broker_answers() -> None:
    with import_string(settings.CELERY_APP).connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=3)


CHECKS: dict[str, Callable[[], None]] = {
    "database": database_answers,
    "migrations": migrations_applied,
    "data_folder": data_folder_is_writable,
    "broker": broker_answers,
}


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when all that a request may need is there, else 503; which check failed, not why."""
    outcome = {}
    for name, check in CHECKS.items():
        try:
            check()
        except Exception:  # noqa: BLE001 - whatever it is, the answer is "not ready"
            outcome[name] = "failed"
        else:
            outcome[name] = "ok"
    ready = set(outcome.values()) == {"ok"}
    return JsonResponse({"ready": ready, "checks": outcome}, status=200 if ready else 503)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text form, for administrators and for who bears METRICS_TOKEN; 404 for everyone else."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = bool(settings.METRICS_TOKEN) and hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    if not known and not (request.user.is_authenticated and request.user.is_superuser):
        raise Http404
    from django_prometheus.exports import ExportToDjangoView  # heavy, and asked for by machines only

    from layersite.metrics import site_metrics

    response: HttpResponse = ExportToDjangoView(request)
    response.content = response.content + site_metrics()
    return response
