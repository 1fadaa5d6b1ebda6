"""Intersections as bars, with a matrix of dots that says whose they are (an UpSet plot, lying on its side)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token
from analyzer.units import binary_text, exact

MOST_ROWS = 16
PIXELS_A_ROW = 22
HEAD = 120  # pixels above the rows: slanted names
LABEL_ROOM = 1.16  # of the axis: the label of the greatest bar stands behind it
LONGEST = 20  # characters of a name


@dataclass(frozen=True, slots=True)
class Intersection:
    """What just the `members` (numbers of names) hold, in bytes."""

    members: tuple[int, ...]
    size: int
    units: str  # `3 layers`


def upset_height(rows: Sequence[Intersection]) -> int:
    """Pixels."""
    return HEAD + PIXELS_A_ROW * min(len(rows), MOST_ROWS) + 8


def upset(names: Sequence[str], rows: Sequence[Intersection]) -> Figure:
    """The figure, the first of the rows on top; of many only the first MOST_ROWS."""
    drawn = list(rows[:MOST_ROWS])
    columns, lines = range(len(names)), range(len(drawn))
    filled = [(column, line) for line in lines for column in drawn[line].members]
    hover = [f"{plain(_whose(names, row))}: {exact(row.size)}, {row.units}" for row in drawn]
    # Wide enough for thirty images, and never more than half: the bars are what is read.
    split = min(0.5, 0.14 + 0.014 * len(names))
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [column for line in lines for column in columns],
            "y": [line for line in lines for _ in columns],
            "marker": {"size": 5},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": [place for row in drawn for place in (min(row.members), max(row.members), None)],
            "y": [place for line in lines for place in (line, line, None)],
            "line": {"width": 2},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [column for column, _ in filled],
            "y": [line for _, line in filled],
            "marker": {"size": 9},
            "hoverinfo": "text",
            "hovertext": [f"{plain(names[column])}<br>{hover[line]}" for column, line in filled],
        },
        {
            "type": "bar",
            "orientation": "h",
            "x": [row.size for row in drawn],
            "y": list(lines),
            "xaxis": "x2",
            "width": 0.6,
            "text": [binary_text(row.size) for row in drawn],
            "textposition": "outside",
            "constraintext": "none",
            "cliponaxis": False,
            "hoverinfo": "text",
            "hovertext": hover,
        },
    ]
    plainly = {"showgrid": False, "zeroline": False, "fixedrange": True}
    largest = max((row.size for row in drawn), default=1) or 1
    layout = {
        "margin": {"l": 4, "r": 4, "t": HEAD, "b": 0},
        "bargap": 0.3,
        "xaxis": {
            **plainly,
            "domain": [0, split],
            "range": [-0.6, len(names) - 0.4],
            "side": "top",
            "tickmode": "array",
            "tickvals": list(columns),
            "ticktext": [plain(_cut(name)) for name in names],
            "tickangle": -60 if len(names) <= 14 else -90,
        },
        "xaxis2": {**plainly, "domain": [split + 0.03, 1], "range": [0, largest * LABEL_ROOM], "visible": False},
        "yaxis": {**plainly, "range": [len(drawn) - 0.4, -0.6], "visible": False},
    }
    colours = [
        {"marker.color": {theme: token("rule", theme) for theme in THEMES}},
        {"line.color": {theme: token("ink", theme) for theme in THEMES}},
        {"marker.color": {theme: token("ink", theme) for theme in THEMES}},
        {"marker.color": {theme: token("soft", theme) for theme in THEMES}},
    ]
    return figure(traces, layout, colours)


def _whose(names: Sequence[str], row: Intersection) -> str:
    if len(row.members) == len(names):
        return "all of them"
    if len(row.members) == 1:
        return f"{names[row.members[0]]} alone"
    return "just " + ", ".join(names[member] for member in row.members[:8]) + (" …" if len(row.members) > 8 else "")


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
