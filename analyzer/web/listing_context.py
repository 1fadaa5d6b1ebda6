"""The context of a listing's templates: rows of the tree or of a flat page, headers, filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from analyzer.selectors.entry_rows import entry_rows
from analyzer.selectors.entry_select import ordered, picked
from analyzer.selectors.entry_source import Source
from analyzer.selectors.entry_tree import PAGE, Row, Tree
from analyzer.units import binary_text, grouped
from analyzer.web import rawquery
from analyzer.web.entry_html import RowWriter
from analyzer.web.listing_query import ListingQuery

MOST_DEEP = 400


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a listing's parts are: the page, its rows alone, and the element that is swapped."""

    page: str
    rows: str
    target: str
    file: str = ""  # the page of one path of an image, where there is an image
    asked: str = ""  # what of its query follows the path


def table_context(source: Source, query: ListingQuery, addresses: Addresses) -> dict[str, Any]:
    """What the table shows: the tree as far as it is open, or a page of the flat list."""
    rows_address = addresses.rows + query.address(opened=None)
    join = "" if rows_address.endswith("?") else "&"
    context: dict[str, Any] = {
        "query": query,
        "here": addresses.page,
        "target": addresses.target,
        "rows_address": rows_address,
        "json_address": f"{rows_address}{join}format=json",
        "csv_address": f"{rows_address}{join}format=csv",
        "all_address": addresses.page + query.address(q="", kind="", change="", opened=None),
        "found": _found(source, query),
        "headers": _headers(source, query),
    }
    if query.view == "flat":
        return context | flat_rows(source, query, addresses)
    tree = _tree(source, query, addresses)
    opened, limit = (query.opened, PAGE) if query.opened is not None else tree.glance()
    tree.address = lambda path, opens: addresses.page + query.toggled(opened, path, opens)
    return context | {"rows_html": _written(source, tree.rows(opened, limit), addresses)}


def folder_rows(request: HttpRequest, source: Source, query: ListingQuery, addresses: Addresses) -> dict[str, Any]:
    """The rows of the folder `folder`, for one that was just opened, or from `start` on."""
    folder = next(iter(rawquery.paths(request, "folder")), b"")
    rows = _tree(source, query, addresses).children(
        folder, _number(request, "deep", MOST_DEEP), _number(request, "start", len(source.listing))
    )
    return {"rows_html": _written(source, rows, addresses)}


def flat_rows(source: Source, query: ListingQuery, addresses: Addresses) -> dict[str, Any]:
    """A page of the flat list, and where the next one is."""
    rows = ordered(source, picked(source), query.sort, cumulated=False)
    start = (query.page - 1) * PAGE
    end = start + PAGE
    return {
        "rows_html": _written(source, entry_rows(source, rows[start:end], flat=True), addresses),
        "next_rows": addresses.rows + query.address(page=query.page + 1) if end < len(rows) else "",
        "next_page": addresses.page + query.address(page=query.page + 1),
        "left": len(rows) - end,
    }


def _written(source: Source, rows: Iterable[Row], addresses: Addresses) -> SafeString:
    return RowWriter(merged=bool(source.diff_ids), file=addresses.file, asked=addresses.asked).rows(rows)


def _tree(source: Source, query: ListingQuery, addresses: Addresses) -> Tree:
    return Tree(
        source,
        query.sort,
        address=lambda path, opens: addresses.page + query.address(opened=frozenset({path} if opens else set())),
        more_address=lambda path: (
            addresses.page + query.address(view="flat", q=f"{path.decode(errors='replace')}/**" if path else query.q)
        ),
    )


def _headers(source: Source, query: ListingQuery) -> list[Mapping[str, str]]:
    merged = bool(source.diff_ids)
    named = {
        header["name"]: header
        for header in query.headers(
            {
                "name": "name",
                "size": "size",
                "entries": "entries",
                "layer" if merged else "change": "layer" if merged else "change",
                "mode": "mode",
                "mtime": "mtime, UTC",
            }
        )
    }
    classes = {"size": "num", "entries": "num p3", "mode": "p3", "mtime": "p3"}
    headers = [{**header, "classes": classes.get(name, "")} for name, header in named.items()]
    headers.insert(2, {"label": "Share of the image" if merged else "Share of the layer", "classes": "p2"})
    return list(headers)


def _number(request: HttpRequest, name: str, most: int) -> int:
    text = request.GET.get(name, "0")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _found(source: Source, query: ListingQuery) -> str:
    """What the filters let through; nothing to say where none is on."""
    if not query.filtered:
        return ""
    return f"{grouped(source.count)} of {grouped(len(source.listing))} entries, {binary_text(source.size)}"
