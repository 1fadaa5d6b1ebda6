"""The JSON and CSV twins of what a page shows: the same address with `?format=json` or `?format=csv`."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

MOST_CELL = 32_767  # characters that a spreadsheet keeps of a cell
# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def wanted(request: HttpRequest) -> str:
    """ "json" or "csv" where a twin is asked for, else an empty text."""
    name = request.GET.get("format", "")
    return name if name in {"json", "csv"} else ""


def twin(
    request: HttpRequest,
    name: str,
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    /,
    **figures: Any,
) -> HttpResponse:
    """The rows as the twin that the request asks for (see `wanted`), JSON where it asks for none.

    JSON: an object with `name` (the rows, whole) and the further `figures`. CSV: the `columns` of each row,
    lists joined by spaces; `name` is the file's name.
    """
    if wanted(request) == "csv":
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        writer = csv.writer(response)
        writer.writerow(columns)
        writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
        return response
    return JsonResponse({**figures, name: list(rows)}, json_dumps_params={"ensure_ascii": False})


def cell(value: Any) -> Any:
    """A value as a CSV cell: nothing for what is not known, no text that a spreadsheet would execute, none that is
    longer than it keeps."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = " ".join(str(item) for item in value)
    if isinstance(value, str):
        if value.startswith(FORMULA_STARTS):
            value = "'" + value
        if len(value) > MOST_CELL:
            mark = f" … {len(value):,} characters: the JSON has all"
            value = value[: MOST_CELL - len(mark)] + mark
    return value
