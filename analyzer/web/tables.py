"""Declared tables: sort and page stand in the address, cells carry what folding on narrow screens needs."""

from typing import Any

import django_tables2
from django.conf import settings
from django.http import HttpRequest
from django_tables2 import RequestConfig


class Figure(django_tables2.Column):  # type: ignore[misc]
    """A column of numbers: right-aligned; `label` stands before the figure where rows are folded to blocks."""

    def __init__(self, *args: Any, drop: str = "", label: str = "", **kwargs: Any) -> None:
        kwargs["attrs"] = {
            "th": {"class": f"num {drop}".strip(), "scope": "col"},
            "td": {"class": f"num {drop}".strip(), "data-l": label},
        }
        super().__init__(*args, **kwargs)


class Words(django_tables2.Column):  # type: ignore[misc]
    """A column of text; `drop` is a class of site.css that says on which width it is left out."""

    def __init__(self, *args: Any, drop: str = "", label: str = "", css: str = "", **kwargs: Any) -> None:
        kwargs["attrs"] = {
            "th": {"class": drop, "scope": "col"},
            "td": {"class": f"{css} {drop}".strip(), "data-l": label},
        }
        super().__init__(*args, **kwargs)


def arrange(table: django_tables2.Table, request: HttpRequest) -> None:
    """Sorts and pages the table as the address says; what it says wrong is passed over."""
    RequestConfig(request, paginate={"per_page": settings.PAGE_SIZE}).configure(table)
