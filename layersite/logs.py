"""Log lines of the long-running processes: events with fields, for a person or as JSON."""

import logging.config
import re
import sys
from typing import Any

import structlog
from django.conf import settings

from analyzer.about import current

# Libraries that speak at INFO about what is ours to say, or not worth saying; `django.request` repeats what
# django_structlog says of a request with more fields.
LEVELS = {
    "celery": "WARNING",
    "kombu": "WARNING",
    "gunicorn": "WARNING",
    "django": "WARNING",
    "django.request": "ERROR",
    "axes": "WARNING",
    "httpx": "WARNING",  # it says each address that is asked, and those of webhooks let in whoever has them
}


# What comes next in an address lets in whoever has it: to a shared page, an invitation, a badge, a password, a webhook.
_SECRET = re.compile(r"(/(?:s|invitations|badges)/|/hooks/registries/[0-9]+/|/accounts/reset/[^/\s]+/)[^/\s?\"']+")


def without_secrets(line: str) -> str:
    """The line with the secrets of the addresses in it left out."""
    return _SECRET.sub(r"\1[secret]", line)


def configure() -> None:
    """Send structlog's events and the standard library's records through one handler on stderr, without secrets."""
    machine = settings.LOG_FORMAT == "json"
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _about,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso" if machine else "%H:%M:%S", utc=machine),
        structlog.processors.StackInfoRenderer(),
    ]
    if machine:
        # Without the values of variables: a token may be among them.
        bare = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        last: list[Any] = [structlog.processors.ExceptionRenderer(bare), structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain, pad_event_to=0)]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, _masked],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"events": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
            "root": {"handlers": ["stderr"], "level": settings.LOG_LEVEL},
            # A person at a terminal is told of requests that failed, a machine of all.
            "loggers": {name: {"level": level} for name, level in LEVELS.items()}
            | {"django_structlog": {"level": "INFO" if machine else "WARNING"}},
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _about(_logger: object, _method: str, event: Any) -> Any:
    event.update(current())
    return event


def _masked(_logger: object, _method: str, line: str) -> str:
    return without_secrets(line)
