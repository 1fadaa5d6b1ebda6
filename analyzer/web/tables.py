"""Declared tables: their columns, and sort and page as the address says. A row is a template of its own."""

from collections.abc import Sequence
from typing import Any

import django_tables2
from django.conf import settings
from django.http import HttpRequest
from django_tables2.data import TableListData
from django_tables2.utils import OrderBy


class Figure(django_tables2.Column):  # type: ignore[misc]
    """A column of numbers, right-aligned; `drop` is a class of site.css that says on which widths it is left out."""

    largest_first = True

    def __init__(self, *args: Any, drop: str = "", **kwargs: Any) -> None:
        super().__init__(*args, attrs={"th": {"class": f"num {drop}".strip()}}, **kwargs)


class Words(django_tables2.Column):  # type: ignore[misc]
    """A column of text; `drop` as for figures."""

    def __init__(self, *args: Any, drop: str = "", **kwargs: Any) -> None:
        super().__init__(*args, attrs={"th": {"class": drop}}, **kwargs)


class Rows(TableListData):  # type: ignore[misc]
    """Rows in memory, sorted by an attribute of theirs (`a.b` for one of a part); what is not known comes last."""

    data: list[Any]

    def order_by(self, aliases: Sequence[str]) -> None:
        for alias in reversed(aliases):
            order = OrderBy(alias)
            accessor = self.table.columns[order.bare].column.accessor or order.bare
            known: list[tuple[Any, Any]] = []
            unknown: list[tuple[Any, Any]] = []
            for row in self.data:
                value: Any = row
                for name in str(accessor).split("__"):
                    value = getattr(value, name, None)
                (known if value is not None else unknown).append((value, row))
            known.sort(key=lambda pair: pair[0], reverse=order.is_descending)
            self.data = [row for _, row in known + unknown]


def arrange(table: django_tables2.Table, request: HttpRequest, per_page: int | None = None) -> None:
    """Sorts and pages the table as the address says; a column or a page that it does not have is passed over."""
    known = {column.name for column in table.columns if column.orderable}
    asked = dict.fromkeys(alias for alias in request.GET.getlist("sort") if alias.removeprefix("-") in known)
    if asked:
        table.order_by = list(asked)
    table.paginate(per_page=per_page or settings.PAGE_SIZE)
    table.page = table.paginator.get_page(request.GET.get("page"))
