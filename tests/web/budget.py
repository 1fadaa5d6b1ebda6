"""How many queries each view may take: `query_budgets.json`, which only a reason changes."""

import json
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

BUDGETS: dict[str, int] = json.loads((Path(__file__).parent / "query_budgets.json").read_text(encoding="utf-8"))


def get_within_budget(client: Client, address: str, **headers: Any) -> Any:
    """The answer to a GET of `address`; fails where its view takes more queries than its budget allows."""
    name = resolve(address.partition("?")[0]).url_name or ""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(address, headers=headers)
    took = len(queries.captured_queries)
    listed = "\n".join(query["sql"][:160] for query in queries.captured_queries)
    assert took <= BUDGETS[name], f"{name} took {took} queries, its budget is {BUDGETS[name]}:\n{listed}"
    return response
