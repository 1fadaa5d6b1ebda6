"""Writes docs/rights.md."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.rights.document import PATH, document  # noqa: E402

PATH.write_text(document(), encoding="utf-8")
