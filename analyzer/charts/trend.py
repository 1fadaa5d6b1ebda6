"""How bytes grew: two stepped lines over time, all image sizes added up and what is stored of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.charts.axis import byte_axis
from analyzer.charts.figure import Figure, figure
from analyzer.charts.theme import THEMES, token
from analyzer.units import binary_text, exact


@dataclass(frozen=True, slots=True)
class Point:
    """After `name` came in `at` that time: both in bytes."""

    at: datetime
    name: str
    logical: int
    stored: int


def trend(points: Sequence[Point]) -> Figure:
    """The figure; points in the order of time, at least one."""
    # From nothing at the first moment to a stretch after the last one, so that no step lies on the frame.
    first, last = points[0], points[-1]
    stretch = (last.at - first.at) * 0.03 or timedelta(minutes=1)
    start = Point(first.at - stretch, "before", 0, 0)
    end = Point(last.at + stretch, last.name, last.logical, last.stored)
    drawn = [start, *points, end]
    times = [point.at.strftime("%Y-%m-%d %H:%M:%S.%f") for point in drawn]
    series = (
        ("logical", [point.logical for point in drawn], {"width": 2, "dash": "5px,4px", "shape": "hv"}, "soft"),
        ("stored", [point.stored for point in drawn], {"width": 2, "shape": "hv"}, "ink"),
    )
    axis = byte_axis(last.logical, most=4)
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": times,
            "y": values,
            "line": line,
            "hoverinfo": "text",
            "hovertext": [f"{point.name}: {name} {exact(value)}" for point, value in zip(drawn, values, strict=True)],
        }
        for name, values, line, _ in series
    ]
    layout = {
        "margin": {"l": 0, "r": 0, "t": 16, "b": 24},
        "hovermode": "x",
        "xaxis": {
            "type": "date",
            "range": [times[0], times[-1]],
            "showgrid": False,
            "fixedrange": True,
            "nticks": 5,
            "ticks": "outside",
        },
        "yaxis": {
            **axis,
            "range": [0, axis["range"][1] * 1.09],  # room for the label of the topmost line
            "fixedrange": True,
            "ticklabelposition": "inside top",
            "zeroline": True,
        },
        "annotations": [
            {
                "x": 1,
                "xref": "paper",
                "xanchor": "right",
                "y": value,
                "yanchor": "bottom",
                "text": f"{name} {binary_text(value)}",
            }
            for name, value in (("logical", last.logical), ("<b>stored</b>", last.stored))
        ],
    }
    colours = [{"line.color": {theme: token(colour, theme) for theme in THEMES}} for *_, colour in series]
    return figure(traces, layout, colours)
