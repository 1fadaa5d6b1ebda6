"""The site's settings for tests: nothing of this machine's environment, and a data folder that goes when they end.

TEST_DATABASE_URL runs them on PostgreSQL; `make postgres` sets it.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def documented_variables() -> list[str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return [line.lstrip("# ").split("=", 1)[0] for line in lines if "=" in line]


for name in documented_variables():
    os.environ.pop(name, None)

data_dir = tempfile.mkdtemp(prefix="layersite-tests-")
atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
os.environ |= {
    "ENV_FILE": os.devnull,
    "DATA_DIR": data_dir,
    "STATIC_ROOT": f"{data_dir}/static",
    "SECRET_KEY": "only for tests",
    # Tests are a thousand people at one address, and each one's first token has the same number.
    "REQUESTS_A_MINUTE": "0",
    "ANONYMOUS_REQUESTS_A_MINUTE": "0",
    "LOGIN_ATTEMPTS_OF_A_NAME": "0",
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
}

from layersite.settings import *  # noqa: E402

STATIC_ROOT.mkdir()

if DATABASE_IS_EMBEDDED:
    # A file, as in use: a database in memory knows neither WAL nor a second process.
    DATABASES["default"]["TEST"] = {"NAME": f"{data_dir}/test.sqlite3"}
WHITENOISE_USE_FINDERS = False  # each client of a test would look for all files anew
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
