"""What the first visitor of each process would wait for, loaded once before the server makes its processes."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.template import engines
from django.template.loader import get_template
from django.urls import reverse

from layersite import rehearsal

log = logging.getLogger(__name__)

LONGEST = 600.0
"""Seconds that a new process may read ahead; afterwards the server takes it for one that hangs."""


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

    A database that is away is waited for by whoever asks for a page, not here. Whatever else goes wrong, such as rows
    that are deleted meanwhile, is told: the server would end with all its processes if one did not start.
    """
    from analyzer.selectors import scope_ahead
    from analyzer.selectors.finding import kept

    try:
        scope_ahead.read_ahead()
        kept.read_ahead()
        rehearsal.rehearse()
    except (DatabaseError, InterfaceError) as error:
        log.info("nothing more was read ahead: %s", error)
    except Exception:
        log.exception("nothing more was read ahead")
    connection.close()


@contextmanager
def alive(notify: Callable[[], None], every: float, longest: float = LONGEST) -> Iterator[None]:
    """Calls `notify` every so many seconds: a server that hears nothing of a process for a minute kills it.

    Else a process whose reading takes longer would be killed before it is through, and so would the next one.
    """
    over = Event()

    def tell() -> None:
        for _ in range(int(longest / every)):
            if over.wait(every):
                return
            notify()

    teller = Thread(target=tell, name="alive", daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
