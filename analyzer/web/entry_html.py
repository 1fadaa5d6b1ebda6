"""Rows of a listing as HTML. Two hundred come at a time while one scrolls: a template takes five times as long.

Every text that comes out of an archive goes through `escape`; numbers and what we compute ourselves need not.
"""

from collections.abc import Iterable
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from analyzer.charts.colours import hue, notch
from analyzer.selectors.entry_rows import EntryRow
from analyzer.selectors.entry_tree import More, Row
from analyzer.units import binary, binary_text, exact, grouped

SIGNS = {"added": "+", "modified": "~", "removed": "−"}
ARROWS = {"symlink": "→", "hardlink": "="}


class RowWriter:
    """Writes rows of one listing. `merged`: a column says which layer provides the entry, instead of its change.

    `file`: the address of the page of one path, where there is one; `asked`: what of its query follows the path.
    """

    def __init__(self, *, merged: bool, file: str = "", asked: str = "") -> None:
        self._merged = merged
        self._file = escape(file)
        self._asked = escape(asked)
        self._styles: dict[str, str] = {}
        self._chips: dict[str, str] = {}

    def rows(self, rows: Iterable[Row]) -> SafeString:
        written = (_more(row) if isinstance(row, More) else self._entry(row) for row in rows)
        return mark_safe("".join(written))  # noqa: S308 - each text of an archive is escaped

    def _entry(self, row: EntryRow) -> str:
        return (
            f'<tr><th scope="row" class="name" style="--deep:{row.deep}" title="{escape(row.path)}">'
            f"{self._name(row)}</th>"
            f'<td class="num">{_size(row)}</td><td class="bar-cell p2">{self._bar(row)}</td>'
            f'<td class="num soft p3">{"" if row.below is None else grouped(row.below)}</td>'
            f"<td>{self._chip(row.provider) if self._merged else _change(row)}</td>"
            f'<td class="mono small soft p3">{row.mode}</td><td class="soft nowrap p3">{row.mtime}</td></tr>\n'
        )

    def _name(self, row: EntryRow) -> str:
        name = escape(row.name)
        if row.is_open is not None:
            state = "true" if row.is_open else "false"
            name = (
                f'<a class="folder" href="{escape(row.address)}" data-at="{row.at}" aria-expanded="{state}">{name}</a>'
            )
        elif row.hides is not None:
            name = f'<span class="gone">{name}</span>'
        elif self._file:
            name = f'<a class="file" href="{self._file}?path={row.at}{self._asked}">{name}</a>'
        if row.link:
            return f'{name} <span class="soft">{ARROWS.get(row.kind, "")} {escape(row.link)}</span>'
        return f'{name} <span class="soft">{row.kind}</span>' if row.marked else name

    def _bar(self, row: EntryRow) -> str:
        if not row.size:
            return ""
        width = f"--w:{row.width:.4f}"
        if not row.segments:
            return f'<span class="meter" style="{width};{self._style(row.provider)}"></span>'
        parts = (f'<i style="{self._style(segment.diff_id)};--f:{segment.share:.3f}"></i>' for segment in row.segments)
        return f'<span class="meter mix" style="{width}">{"".join(parts)}</span>'

    def _style(self, diff_id: str) -> str:
        if diff_id and diff_id not in self._styles:
            self._styles[diff_id] = f"--h:{hue(diff_id)};--t:{notch(diff_id)}"
        return self._styles.get(diff_id, "")

    def _chip(self, diff_id: str) -> str:
        if diff_id not in self._chips:
            self._chips[diff_id] = (
                f'<a class="chip" style="{self._style(diff_id)}" href="{reverse("layer", args=[diff_id])}" '
                f'title="diffID {diff_id}"><i></i>{diff_id[7:19]}</a>'
            )
        return self._chips[diff_id]


def _more(row: More) -> str:
    return (
        f'<tr class="more"><th scope="row" class="name" style="--deep:{row.deep}"><a class="soft" '
        f'href="{escape(row.address)}" data-at="{row.at}" data-start="{row.start}">{grouped(row.count)} more</a></th>'
        f'<td class="num soft">{_figure(row.size)}</td><td class="p2"></td><td class="p3"></td><td></td>'
        '<td class="p3"></td><td class="p3"></td></tr>\n'
    )


def _size(row: EntryRow) -> str:
    if row.hides is not None:
        hidden = f'title="hides {exact(row.hides)} of lower layers">hides {binary_text(row.hides)}'
        return f'<span class="soft" {hidden}</span>'
    return _figure(row.size or 0)


def _figure(size: int) -> str:
    number, unit = binary(size)
    zero = "" if size else ' class="zero"'
    return f'<data value="{size}" title="{exact(size)}"{zero}>{number}<small>{unit}</small></data>'


def _change(row: EntryRow) -> str:
    """Of a folder what changed below it; of an entry that nothing lies below, its own change."""
    if row.counts:
        return " ".join(
            f'<span class="change {kind}" title="{grouped(count)} {kind}">{SIGNS[kind]}{grouped(count)}</span>'
            for kind, count in row.counts
        )
    if row.change not in SIGNS:
        return ""
    return (
        f'<span class="change {row.change}">{SIGNS[row.change]} <span class="w">{row.words or row.change}</span></span>'
    )
