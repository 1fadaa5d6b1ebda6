"""Entries of a layer or of a merged view as a list of the API: picked and ordered as on the pages."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from analyzer.api.paging import page_of
from analyzer.api.problems import Problem
from analyzer.api.queries import EntryQuery
from analyzer.selectors.entries import entry_document
from analyzer.selectors.entry_select import SORTS, listed, ordered
from analyzer.selectors.entry_source import Source

Document = dict[str, Any]


def entry_page(request: HttpRequest, source: Source, asked: EntryQuery, more: Callable[[int], Document]) -> Document:
    """The page of `source` that is asked for; `more` gives what a document says beyond the entry itself.

    Raises Problem (422) for an order that there is not.
    """
    if asked.sort.removeprefix("-") not in SORTS:
        raise Problem(422, f"query.sort must be one of {', '.join(SORTS)}, after a minus the other way round.")
    rows = ordered(source, listed(source), asked.sort, cumulated=False)
    return page_of(
        request, rows, asked, lambda found: [entry_document(source.listing, row) | more(row) for row in found]
    )
