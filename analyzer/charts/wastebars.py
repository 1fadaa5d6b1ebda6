"""Waste as bars: one for each layer that brought what is hidden, in its colour, in pieces by cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.charts.axis import byte_axis
from analyzer.charts.colours import layer_colour
from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token
from analyzer.units import binary_text, exact

PATTERNS = {"superseded": "", "deleted": "/", "parent_deleted": "x", "opaque": ".", "type_changed": "-"}
PIXELS_A_BAR = 44
MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """Hidden bytes of a layer by cause; `link` is where a click leads."""

    diff_id: str
    label: str
    by_cause: dict[str, int]
    link: str

    @property
    def size(self) -> int:
        return sum(self.by_cause.values())


def wastebars_height(bars: Sequence[Bar]) -> int:
    """Pixels."""
    return PIXELS_A_BAR * min(len(bars), MOST_BARS) + 34


def wastebars(bars: Sequence[Bar]) -> Figure:
    """The figure; bars in the order in which they stand, from above."""
    bars = bars[:MOST_BARS]
    largest = max((bar.size for bar in bars), default=0)
    traces: list[dict[str, Any]] = []
    themed = []
    for cause, pattern in PATTERNS.items():
        sizes = [bar.by_cause.get(cause, 0) for bar in bars]
        if not any(sizes):
            continue
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": cause,
                "x": sizes,
                "y": list(range(len(bars))),
                "width": 0.42,
                "marker": {"pattern": {"shape": pattern, "size": 8, "solidity": 0.12, "fillmode": "overlay"}},
                "text": [cause.replace("_", " ") if size > largest * 0.14 else "" for size in sizes],
                "textposition": "inside",
                "insidetextanchor": "start",
                "textangle": 0,
                "constraintext": "none",
                "hoverinfo": "text",
                "hovertext": [
                    f"{plain(bar.label)}<br>{cause}: {exact(size)}" for bar, size in zip(bars, sizes, strict=True)
                ],
                "customdata": [bar.link for bar in bars],
            }
        )
        themed.append(
            {
                "marker.color": {theme: [layer_colour(bar.diff_id, theme) for bar in bars] for theme in THEMES},
                "marker.pattern.fgcolor": {theme: token("on-layer", theme) for theme in THEMES},
                "textfont.color": {theme: token("on-layer", theme) for theme in THEMES},
            }
        )
    layout = {
        "barmode": "stack",
        "margin": {"l": 0, "r": 36, "t": 0, "b": 24},
        "xaxis": {**byte_axis(largest), "fixedrange": True},
        "yaxis": {"visible": False, "range": [len(bars) - 0.45, -0.75], "fixedrange": True},
        "annotations": [item for row, bar in enumerate(bars) for item in _words(row, bar)],
    }
    return figure(traces, layout, themed)


def _words(row: int, bar: Bar) -> list[dict[str, Any]]:
    place = {"y": row, "yref": "y", "yanchor": "bottom", "yshift": 9, "xref": "paper"}
    return [
        {**place, "x": 0, "xanchor": "left", "name": "cut", "text": plain(bar.label)},
        {**place, "x": 1, "xanchor": "right", "xshift": 36, "text": f"<b>{binary_text(bar.size)}</b>"},
    ]
