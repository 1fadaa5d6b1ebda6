"""What the long-running processes write of a failure."""

import json
import os
import subprocess
import sys

from tests.settings import ROOT

FAILS = """
import django; django.setup()
from layersite.logs import configure; configure()
import logging
def fail(token): raise ValueError("it went wrong")
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
        assert "it went wrong" in log
        assert "fail" in log
        assert "somebody" not in log.replace('fail("a-token-of-" + "somebody")', "")


def test_for_a_machine_every_line_is_json() -> None:
    (line,) = log_of("json").splitlines()
    assert json.loads(line)["event"] == "a task failed"
