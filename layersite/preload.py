"""What the first visitor of each process would wait for, loaded once before the server makes its processes."""

from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.urls import reverse


def preload() -> None:
    """Every page, every address and every template: 0.1 s in all."""
    reverse("overview")  # the first look-up of an address lays out all of them
    folder = settings.BASE_DIR / "templates"
    for file in sorted(folder.rglob("*.html")):
        get_template(file.relative_to(folder).as_posix())
    for engine in engines.all():
        engine.engine.template_context_processors  # type: ignore[attr-defined]  # noqa: B018 - imports them
