"""Bars that stand side by side: how many of each, each with its words above it, and a page behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token

FEW = 8  # bars whose labels fit side by side on a phone


@dataclass(frozen=True, slots=True)
class Column:
    """A bar: what stands under it, how high it is, the words on top of it and when it is pointed at, its address."""

    label: str
    value: int
    text: str
    title: str
    link: str
    strong: bool = True  # in ink; else in the second voice


def bars(columns: Sequence[Column], axis_title: str) -> Figure:
    """The figure."""
    trace = {
        "type": "bar",
        "x": [*range(len(columns))],
        "y": [column.value for column in columns],
        "text": [plain(column.text) for column in columns],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [plain(column.title) for column in columns],
        "hoverinfo": "text",
        "customdata": [column.link for column in columns],
    }
    highest = max((column.value for column in columns), default=0) or 1
    layout = {
        "margin": {"l": 0, "r": 0, "t": 20, "b": 40},
        "bargap": 0.25,
        "xaxis": {
            "tickvals": [*range(len(columns))],
            "ticktext": [plain(column.label) for column in columns],
            "tickangle": 0 if len(columns) <= FEW else "auto",  # on a phone many would run into each other
            "automargin": len(columns) > FEW,
            "title": {"text": plain(axis_title), "standoff": 8, "font": {"size": 12}},
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
        "yaxis": {"visible": False, "range": [0, highest * 1.15], "fixedrange": True},
    }
    colours = {theme: [token("ink" if one.strong else "soft", theme) for one in columns] for theme in THEMES}
    return figure([trace], layout, [{"marker.color": colours}])
