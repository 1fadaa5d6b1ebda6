"""Filters of a listing as links that switch on and off."""

from collections.abc import Mapping
from typing import Any

from analyzer.filetree.entry import Kind
from analyzer.web.listing_query import ListingQuery

KIND_WORDS = {
    Kind.FILE: "files",
    Kind.DIR: "folders",
    Kind.SYMLINK: "symlinks",
    Kind.HARDLINK: "hard links",
    Kind.CHAR: "char devices",
    Kind.BLOCK: "block devices",
    Kind.FIFO: "pipes",
    Kind.WHITEOUT: "whiteouts",
    Kind.OPAQUE: "opaque",
    Kind.AUFS: "aufs",
}


def pill(query: ListingQuery, label: str, count: int, **changes: str) -> dict[str, Any]:
    """A filter with how much it lets through; the one that is on turns off again."""
    current = all(getattr(query, name) == value for name, value in changes.items())
    asked = dict.fromkeys(changes, "") if current else changes
    return {"label": label, "count": count, "address": query.address(**asked, opened=None), "current": current}


def all_pill(query: ListingQuery, count: int) -> dict[str, Any]:
    """No filter at all."""
    return pill(query, "all", count, change="", kind="", q="")


def kind_pills(query: ListingQuery, counts: Mapping[str, int], entries: int | None = None) -> dict[str, Any]:
    """The kinds that there are, by their labels; before them all `entries`, where that is given."""
    pills = [all_pill(query, entries)] if entries is not None else []
    there = [(kind, counts.get(kind.label, 0)) for kind in KIND_WORDS if counts.get(kind.label, 0)]
    pills += [pill(query, KIND_WORDS[kind], count, kind=kind.label) for kind, count in there]
    return {"label": "Filter by kind", "pills": pills}
