"""The web server, its static files, and the language of its pages."""

import re
from pathlib import Path

from . import env
from .security import DEBUG
from .storage import BASE_DIR

VERSION_LINE = re.compile(r"^## (\d+\.\d+\.\d+\S*)", re.MULTILINE)


def version(changelog: Path) -> str:
    """The newest version that `changelog` has a heading for, so that the two can't disagree."""
    found = VERSION_LINE.search(changelog.read_text(encoding="utf-8"))
    return found[1] if found else "0"


VERSION = version(BASE_DIR / "CHANGELOG.md")

BIND = env.text("BIND", "127.0.0.1")
PORT = env.integer("PORT", 8000, least=1)
WEB_PROCESSES = env.integer("WEB_PROCESSES", 2, least=1)
WEB_THREADS = env.integer("WEB_THREADS", 8, least=1)
PAGE_SIZE = env.integer("PAGE_SIZE", 50, least=1)

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", "staticfiles"))
if not STATIC_ROOT.is_absolute():
    STATIC_ROOT = BASE_DIR / STATIC_ROOT
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder", "layersite.staticfinder.WheelFinder"]

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "layersite.staticstorage.CollectedStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").is_file()
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "layersite.formats"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
