"""Rows of all tables as lines of JSON, the same for every database: what one wrote another can take in."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

LEFT_OUT = {"sessions.Session", "analyzer.CommonGround"}
"""Who was logged in logs in again; what is counted again when it is asked for."""

BATCH = 500
BATCH_BYTES = 16 << 20


def tables() -> list[type[models.Model]]:
    """The models whose rows are backed up, those of many-to-many tables among them."""
    found = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return [model for model in found if not model._meta.proxy and model._meta.label not in LEFT_OUT]


def columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def lines(model: type[models.Model]) -> Iterator[bytes]:
    """Each row as an array of its columns, in the order of its key. Memory stays at a few rows."""
    rows = model._base_manager.order_by("pk").values_list(*columns(model))
    for row in rows.iterator(chunk_size=50):
        yield json.dumps([_written(value) for value in row], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def take_in(model: type[models.Model], names: list[str], source: Iterator[bytes]) -> int:
    """Inserts the rows as they were, in one go after the other; returns how many. Raises ValueError, DatabaseError."""
    if names != columns(model):
        raise ValueError(f"{model._meta.db_table} has other columns")
    batch: list[models.Model] = []
    count = size = 0
    for line in source:
        values = [_read(value) for value in json.loads(line)]
        batch.append(model(**dict(zip(names, values, strict=True))))
        size += len(line)
        count += 1
        if len(batch) == BATCH or size > BATCH_BYTES:
            _insert(model, batch)
            batch, size = [], 0
    _insert(model, batch)
    return count


def _insert(model: type[models.Model], batch: list[models.Model]) -> None:
    """Raw: no column gets the time of now."""
    fields = model._meta.concrete_fields
    most = connection.ops.bulk_batch_size([field.attname for field in fields], batch) or 1
    for start in range(0, len(batch), most):
        model._base_manager._insert(batch[start : start + most], fields=fields, raw=True)  # type: ignore[attr-defined]


def _written(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes() | memoryview() | bytearray():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"time": value.astimezone(UTC).isoformat()}
        case date():
            return {"date": value.isoformat()}
        case timedelta():
            return {"seconds": value / timedelta(microseconds=1)}
        case UUID():
            return {"uuid": str(value)}
        case Decimal():
            return {"decimal": str(value)}
        case dict() | list():
            return {"json": value}
    raise TypeError(f"no way to write a {type(value).__name__}")


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    match kind:
        case "bytes":
            return base64.b64decode(text)
        case "time":
            return datetime.fromisoformat(text)
        case "date":
            return date.fromisoformat(text)
        case "seconds":
            return timedelta(microseconds=text)
        case "uuid":
            return UUID(text)
        case "decimal":
            return Decimal(text)
        case "json":
            return text
    raise ValueError(f"no value is written as {kind}")
