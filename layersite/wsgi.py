"""The web server's entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "layersite.settings")
application = get_wsgi_application()

from layersite import celery, logs  # noqa: E402 - all that follows needs the settings
from layersite.preload import preload  # noqa: E402

__all__ = ["application", "celery"]

preload()
logs.configure()
