"""What the first visitor of each process would wait for, loaded once before the server makes its processes."""

from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, connection
from django.template import engines
from django.template.loader import get_template
from django.urls import reverse

from layersite import rehearsal


def preload() -> None:
    """Every page, every address and every template: 0.1 s in all."""
    reverse("overview"), reverse("admin:index")  # the first look-up of a name lays out all names beside it
    folder = settings.BASE_DIR / "templates"
    for file in sorted(folder.rglob("*.html")):
        get_template(file.relative_to(folder).as_posix())
    for engine in engines.all():
        engine.engine.template_context_processors  # type: ignore[attr-defined]  # noqa: B018 - imports them
    rehearsal.load()


def read_ahead() -> None:
    """What every list is made of, and what Find looks at first: read by a new process before its first visitor.

    A database that is away is waited for by whoever asks for a page, not here.
    """
    from analyzer.selectors import scope_ahead
    from analyzer.selectors.finding import kept

    with suppress(DatabaseError):
        scope_ahead.read_ahead()
        kept.read_ahead()
        rehearsal.rehearse()
    connection.close()
