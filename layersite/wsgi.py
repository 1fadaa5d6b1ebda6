"""The web server's entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "layersite.settings")
application = get_wsgi_application()

from layersite import celery, logs  # noqa: E402 - they need the settings; the queue is loaded here, not by the first upload

__all__ = ["application", "celery"]

logs.configure()
