"""What came in day by day: image sizes added up, and inside each bar the bytes that were new."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.charts.axis import byte_axis
from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token


@dataclass(frozen=True, slots=True)
class DayBar:
    """A day or a stretch of days: its label, `logical` and `new` in bytes, what pointing at it says, its address."""

    label: str
    logical: int
    new: int
    title: str
    link: str


def days(items: Sequence[DayBar]) -> Figure:
    """The figure; items in order, at least one."""
    shown = [*range(len(items))]
    axis = byte_axis(max(item.logical for item in items), most=4)
    common: dict[str, Any] = {
        "type": "bar",
        "x": shown,
        "hovertext": [plain(item.title) for item in items],
        "hoverinfo": "text",
        "customdata": [item.link for item in items],
    }
    traces = [
        {**common, "y": [item.logical for item in items]},
        {**common, "y": [item.new for item in items]},
    ]
    every = -(-len(items) // 4)
    named = [*range(len(items) - 1, -1, -every)] if items else []
    layout = {
        "margin": {"l": 0, "r": 0, "t": 16, "b": 24},
        "barmode": "overlay",
        "bargap": 0.2,
        "xaxis": {
            "tickvals": named,
            "ticktext": [plain(items[at].label) for at in named],
            "tickangle": 0,
            "range": [min(-0.6, len(items) / 2 - 4), max(len(items) - 0.4, len(items) / 2 + 3)],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
        "yaxis": {
            **axis,
            "range": [0, axis["range"][1] * 1.09],  # room for the label of the topmost line
            "fixedrange": True,
            "ticklabelposition": "inside top",
        },
    }
    colours = [{"marker.color": {theme: token(name, theme) for theme in THEMES}} for name in ("rule", "ink")]
    return figure(traces, layout, colours)
