"""The files of a comparison on its page: filters, folders that lead deeper, rows in pages."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from analyzer.filetree.compare import LABELS
from analyzer.selectors.compare_files import CHANGES, Asked, FileRow, Files
from analyzer.selectors.shown import shown
from analyzer.web import rawquery

ROWS = 60  # of a page of files
PARTS = 40  # of the folders
WORDS = {"added": "added", "modified": "changed", "removed": "removed"}


def asked_of(request: HttpRequest) -> Asked:
    """Which files the address asks for. Paths are bytes: names need not be UTF-8."""
    get = request.GET.get
    return Asked(
        at=next(iter(rawquery.paths(request, "at")), b"").strip(b"/"),
        q=get("q", "").strip()[:500],
        change=get("change", ""),
        what=get("what", ""),
    )


def files_context(request: HttpRequest, files: Files, asked: Asked) -> dict[str, Any]:
    """The rows of a page, the heaviest first, and the filters as links."""
    picked = files.by_weight(files.picked(asked))
    text = request.GET.get("page", "1")
    pages = max(1, -(-len(picked) // ROWS))
    page = min(max(1, int(text)), pages) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    shown_rows = picked[(page - 1) * ROWS : page * ROWS]
    totals = files.diff.totals
    changes = [("", "all", len(files.diff))]
    changes += [(label, WORDS[label], totals[change].paths) for label, change in CHANGES.items()]
    return {
        "files": files,
        "asked": asked,
        "totals": {label: totals[change] for label, change in CHANGES.items()},
        "file_rows": [_row(files, row) for row in files.rows(shown_rows)],
        "file_count": len(picked),
        "file_first": (page - 1) * ROWS + 1,
        "file_last": (page - 1) * ROWS + len(shown_rows),
        "file_changes": [
            {"label": label, "count": count, "here": asked.change == key, "to": address(request, change=key)}
            for key, label, count in changes
        ],
        "file_what": [
            {"label": label, "count": count, "here": asked.what == label, "to": address(request, what=label)}
            for label, count in files.what()
        ],
        "file_hidden": _hidden(request),
        "file_plain": address(request, q="", change="", what="", at=""),
        "previous_page": address(request, page=str(page - 1)) if page > 1 else "",
        "next_page": address(request, page=str(page + 1)) if page < pages else "",
    }


def folder_context(request: HttpRequest, files: Files, asked: Asked) -> dict[str, Any]:
    """What lies in the folder that is looked at, and the way back up."""
    parts = files.parts(asked.at)
    names = asked.at.split(b"/") if asked.at else []
    trail = [(shown(name), address(request, at=b"/".join(names[: depth + 1]))) for depth, name in enumerate(names)]
    return {
        "parts": [
            {
                "part": part,
                "name": shown(part.name) + ("/" if part.is_folder else ""),
                "to": address(request, at=part.path) if part.is_folder else "",
            }
            for part in parts[:PARTS]
        ],
        "parts_more": len(parts) - PARTS,
        "trail": trail,
        "top": address(request, at=b""),
    }


def address(request: HttpRequest, **changes: str | bytes) -> str:
    """The query of the page with `changes`, on its first page unless one is named; what is empty is left out."""
    asked: dict[str, str | bytes] = {}
    for name in ("a", "b", "semantic", "q", "change", "what"):
        asked[name] = request.GET.get(name, "")
    asked["at"] = next(iter(rawquery.paths(request, "at")), b"")
    asked |= changes
    return f"?{rawquery.encode([(name, value) for name, value in asked.items() if value])}#files"


def _hidden(request: HttpRequest) -> list[tuple[str, str]]:
    """What the search form sends along. A form sends text: a folder whose name is none stays out of it."""
    kept = ("a", "b", "semantic", "change", "what", "at")
    return [(name, request.GET[name]) for name in kept if request.GET.get(name)]


def _row(files: Files, row: FileRow) -> Mapping[str, Any]:
    layers = files.compared.first.layers, files.compared.second.layers
    grown = (row.second_size or 0) - (row.first_size or 0)
    return {
        "row": row,
        "name": shown(row.path) + ("/" if (row.kinds[1] or row.kinds[0]) == "dir" else ""),
        "words": ", ".join(what for what in LABELS if what in row.changed),
        "grown": grown,
        "first": layers[0][row.first_layer] if row.first_layer is not None else None,
        "second": layers[1][row.second_layer] if row.second_layer is not None else None,
    }
