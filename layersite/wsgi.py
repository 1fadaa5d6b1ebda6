"""The web server's entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "layersite.settings")
application = get_wsgi_application()

from django.template import engines  # noqa: E402 - all that follows needs the settings
from django.urls import get_resolver  # noqa: E402

from layersite import celery, logs  # noqa: E402

__all__ = ["application", "celery"]

# Pages, templates and the queue are loaded here, before the server makes its processes, not by the first visitor.
loaded = (get_resolver().url_patterns, engines.all())

logs.configure()
