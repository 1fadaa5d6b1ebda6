"""How bytes grew: two stepped lines over time, all image sizes added up and what is stored of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analyzer.charts.axis import byte_axis
from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token
from analyzer.units import binary_text, exact

LABELS_APART = 0.12  # of the axis: two labels need that much room
A_MOMENT = timedelta(minutes=1)  # what came in within one is drawn in its order, for no clock tells it apart


@dataclass(frozen=True, slots=True)
class Point:
    """After `name` came in `at` that time: both in bytes."""

    at: datetime
    name: str
    logical: int
    stored: int


def trend(points: Sequence[Point]) -> Figure:
    """The figure; points in the order of time, at least one."""
    last = points[-1]
    drawn = [Point(points[0].at, "before", 0, 0), *points, last]
    places, axis_of_time = _in_order(points) if last.at - points[0].at < A_MOMENT else _in_time(points)
    series = (
        ("logical", [point.logical for point in drawn], {"width": 2, "dash": "5px,4px", "shape": "hv"}, "soft"),
        ("stored", [point.stored for point in drawn], {"width": 2, "shape": "hv"}, "ink"),
    )
    axis = byte_axis(last.logical, most=4)
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": places,
            "y": values,
            "line": line,
            "hoverinfo": "text",
            "hovertext": [
                f"{plain(point.name)}: {name} {exact(value)}" for point, value in zip(drawn, values, strict=True)
            ],
        }
        for name, values, line, _ in series
    ]
    layout = {
        "margin": {"l": 0, "r": 0, "t": 16, "b": 24},
        "hovermode": "x",
        "xaxis": {
            **axis_of_time,
            "range": [places[0], places[-1]],
            "showgrid": False,
            "fixedrange": True,
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
                "text": text,
            }
            for text, value in _labels(last, axis["range"][1])
        ],
    }
    colours = [{"line.color": {theme: token(colour, theme) for theme in THEMES}} for *_, colour in series]
    return figure(traces, layout, colours)


def _in_time(points: Sequence[Point]) -> tuple[list[Any], dict[str, Any]]:
    """Where the points lie, with one before and one after them, so that no step lies on the frame."""
    first, last = points[0].at, points[-1].at
    stretch = (last - first) * 0.03
    times = [first - stretch, *(point.at for point in points), last + stretch]
    return [time.strftime("%Y-%m-%d %H:%M:%S.%f") for time in times], {"type": "date", "nticks": 5}


def _in_order(points: Sequence[Point]) -> tuple[list[Any], dict[str, Any]]:
    """The same by number, with the names of a few."""
    every = -(-len(points) // 3)
    named = range(len(points), 0, -every)
    axis = {"tickvals": [*named], "ticktext": [plain(points[number - 1].name) for number in named], "tickangle": 0}
    return [*range(len(points) + 2)], {"type": "linear", "zeroline": False, **axis}


def _labels(last: Point, top: int) -> list[tuple[str, int]]:
    """What stands at the end of the lines; where they end close together, one label for both above the upper one."""
    logical, stored = f"logical {binary_text(last.logical)}", f"<b>stored</b> {binary_text(last.stored)}"
    if last.logical - last.stored > top * LABELS_APART:
        return [(logical, last.logical), (stored, last.stored)]
    both = "logical and <b>stored</b>" if last.logical == last.stored else f"{logical}, <b>stored</b>"
    return [(f"{both} {binary_text(last.stored)}", last.logical)]
