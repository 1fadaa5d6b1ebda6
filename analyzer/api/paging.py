"""Lists come in pages, by the same parameters as on the pages of the site: `page`, and `page_size` here."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from analyzer.api.problems import Problem
from analyzer.api.queries import Paging

Document = dict[str, Any]


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    paging: Paging,
    documents: Callable[[list[Any]], list[Document]],
) -> Document:
    """The page that `paging` asks for; rows are cut before they are fetched. Raises Problem (404) past the end."""
    count = rows.count() if isinstance(rows, QuerySet) else len(rows)
    start = (paging.page - 1) * paging.page_size
    return envelope(request, count, paging, documents(list(rows[start : start + paging.page_size])))


def envelope(request: HttpRequest, count: int, paging: Paging, results: list[Document]) -> Document:
    """`results` as page `paging.page` of `count` rows. Raises Problem (404) past the end."""
    pages = max(1, -(-count // paging.page_size))
    if paging.page > pages:
        raise Problem(404, f"There are {pages} pages of this list.", pages=pages)
    return {
        "count": count,
        "page": paging.page,
        "page_size": paging.page_size,
        "next": _address(request, paging.page + 1) if paging.page < pages else None,
        "previous": _address(request, paging.page - 1) if paging.page > 1 else None,
        "results": results,
    }


def _address(request: HttpRequest, page: int) -> str:
    parameters = request.GET.copy()
    parameters["page"] = str(page)
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")
