"""What the work at hand is about, for its log lines: `about(job=…)` and every line within has the field.

Plain context variables, since commands start without the library that writes logs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about")


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Adds the fields to every log line that is written within. Ids only: no names, no secrets."""
    token = _ABOUT.set({**current(), **fields})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def current() -> Mapping[str, str]:
    """The fields that hold here."""
    return _ABOUT.get({})
