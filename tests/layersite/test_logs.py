"""What the long-running processes write of a failure."""

import json
import os
import subprocess
import sys

from layersite.logs import without_secrets
from tests.routes import routes
from tests.settings import ROOT

FAILS = """
import django; django.setup()
from layersite.logs import configure; configure()
import logging
def fail(token): raise ValueError("it went wrong at /s/abcdef/")
try: fail("a-token-of-" + "somebody")
except ValueError: logging.getLogger("analyzer").exception("a task failed")
"""


def log_of(form: str, code: str = FAILS) -> str:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "layersite.settings", "LOG_FORMAT": form}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stderr


def test_a_traceback_tells_where_and_no_values_of_variables() -> None:
    for form in ("json", "text"):
        log = log_of(form)
        assert "it went wrong at /s/[secret]/" in log
        assert "fail" in log
        assert "somebody" not in log.replace('fail("a-token-of-" + "somebody")', "")


def test_for_a_machine_every_line_is_json() -> None:
    (line,) = log_of("json").splitlines()
    assert json.loads(line)["event"] == "a task failed"


def test_no_line_has_the_secret_of_an_address() -> None:
    """Of every address that has one."""
    values = {"secret": "layhook_hush-hush", "token": "layhook_hush-hush", "key": "layhook_hush-hush"}
    values |= {"registry_id": "12", "uidb64": "MQ"}
    found = [route.at(values) for route in routes() if {"secret", "token", "key"} & set(route.places)]
    assert len(found) >= 5
    for address in found:
        for line in (f"GET {address}?a=1", json.dumps({"request": f"POST https://example.org{address}"})):
            assert "[secret]" in without_secrets(line)
            assert "hush" not in without_secrets(line)
    assert without_secrets("GET /registries/12/hook/") == "GET /registries/12/hook/"


OF_A_JOB = """
import django; django.setup()
import logging
from types import SimpleNamespace
from layersite.logs import configure; configure()
import layersite.celery as tasks
from analyzer.about import about
import structlog
structlog.contextvars.bind_contextvars(request_id="of-the-request")
headers = {}
tasks.send_request_id(headers=headers)
structlog.contextvars.bind_contextvars(left="over")
tasks.bind_request_id(task=SimpleNamespace(name="analyzer.tasks.read_layer", request=headers))
with about(job="of-the-job"):
    logging.getLogger("analyzer").info("inside")
logging.getLogger("analyzer").info("outside")
"""


def test_a_line_of_a_task_has_the_job_and_the_request_that_it_came_of() -> None:
    inside, outside = (json.loads(line) for line in log_of("json", OF_A_JOB).splitlines())
    assert (inside["job"], inside["request_id"], inside["task"]) == ("of-the-job", "of-the-request", "read_layer")
    assert "job" not in outside
    assert "left" not in inside
