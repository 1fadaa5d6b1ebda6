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


def log_of(form: str) -> str:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "layersite.settings", "LOG_FORMAT": form}
    done = subprocess.run(
        [sys.executable, "-c", FAILS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
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
