"""What an address asks of a listing: its form, filters, order, open folders and page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest

from analyzer.oci.findings import is_utf8
from analyzer.selectors.entry_select import SORTS
from analyzer.web import rawquery

VIEWS = ("tree", "flat")
DEFAULT_SORT = "-size"
DESCENDING_FIRST = frozenset({"size", "entries", "mtime"})
KEPT = ("image", "tab", "scale", "at")  # of the page around the listing


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """`opened` None: nobody has said which folders are open."""

    view: str
    q: str
    kind: str
    change: str
    sort: str
    opened: frozenset[bytes] | None
    page: int
    kept: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, request: HttpRequest) -> "ListingQuery":
        get = request.GET.get
        page = get("page", "1")
        return cls(
            view="flat" if get("view") == "flat" else "tree",
            q=get("q", "").strip()[:500],
            kind=get("kind", ""),
            change=get("change", ""),
            sort=get("sort", "") if get("sort", "").removeprefix("-") in SORTS else DEFAULT_SORT,
            opened=_implied(rawquery.paths(request, "open")) if "open" in request.GET else None,
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 10 else 1,
            kept=tuple((name, value) for name in KEPT for value in rawquery.paths(request, name)[:1] if value),
        )

    @property
    def layer(self) -> int | None:
        """Of a merged view: the index of the layer on top of which one looks; None for all of them."""
        text = dict(self.kept).get("at", b"")
        return int(text) if text.isdigit() and len(text) < 6 else None

    def on_top_of(self, layer: int | None) -> str:
        """The address of the same on top of another layer."""
        kept = [(name, value) for name, value in self.kept if name != "at"]
        return self.address(kept=(*kept, *([] if layer is None else [("at", str(layer).encode())])))

    @property
    def filtered(self) -> bool:
        return bool(self.q or self.kind or self.change)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the search form sends along: all but the text and the form of the list."""
        # A form sends text: a path that is none stays out of it.
        kept = [(name, value.decode()) for name, value in self.kept if is_utf8(value)]
        asked = [*kept, ("kind", self.kind), ("change", self.change), ("sort", self.sort)]
        return [(name, value) for name, value in asked if value and (name, value) != ("sort", DEFAULT_SORT)]

    def address(self, **changes: Any) -> str:
        """The query of an address that asks for this with `changes`; the first page, if none is named."""
        asked = replace(self, **{"page": 1, **changes})
        parameters: list[tuple[str, str | bytes]] = list(asked.kept)
        for name, value, default in (
            ("view", asked.view, "tree"),
            ("q", asked.q, ""),
            ("kind", asked.kind, ""),
            ("change", asked.change, ""),
            ("sort", asked.sort, DEFAULT_SORT),
            ("page", str(asked.page), "1"),
        ):
            if value != default:
                parameters.append((name, value))
        if asked.opened is not None:
            # An open folder implies those above it. None open is not the same as nobody having said.
            parameters += [("open", path) for path in _lowest(asked.opened)] or [("open", "")]
        return "?" + rawquery.encode(parameters)

    def toggled(self, opened: frozenset[bytes], path: bytes, opens: bool) -> str:
        """The address with one folder more open, or with it and all below it closed."""
        if opens:
            return self.address(opened=opened | {path})
        return self.address(
            opened=frozenset(other for other in opened if other != path and not other.startswith(path + b"/"))
        )

    def headers(self, columns: Mapping[str, str]) -> list[dict[str, str]]:
        """For each column ({name of the sort: label}) its link and state."""
        current = self.sort.removeprefix("-")
        headers = []
        for name, label in columns.items():
            down = self.sort.startswith("-")
            first = f"-{name}" if name in DESCENDING_FIRST else name
            flipped = name if down else f"-{name}"
            headers.append(
                {
                    "name": name,
                    "label": label,
                    "address": self.address(sort=flipped if name == current else first),
                    "state": ("descending" if down else "ascending") if name == current else "",
                    "arrow": ("↓" if down else "↑") if name == current else "",
                }
            )
        return headers


def _implied(paths: list[bytes]) -> frozenset[bytes]:
    """The folders and all above them."""
    opened: set[bytes] = set()
    for path in paths:
        parts = path.strip(b"/").split(b"/")[:200]
        opened.update(b"/".join(parts[: end + 1]) for end in range(len(parts)))
    return frozenset(opened - {b""})


def _lowest(opened: frozenset[bytes]) -> list[bytes]:
    """Those that no other open folder implies."""
    implied = {path.rpartition(b"/")[0] for path in opened}
    return sorted(opened - implied)
