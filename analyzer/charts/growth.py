"""How sharing pays off as a collection grows: bytes of images for each stored byte, after 1, 2, … images."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token


@dataclass(frozen=True, slots=True)
class Step:
    """After `number` images: the ratio naive ÷ stored, what pointing at it says, the page of the last one."""

    number: int
    ratio: float
    title: str
    link: str


def growth(steps: Sequence[Step]) -> Figure:
    """The figure; steps in order, at least one."""
    few = len(steps) <= 40
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [step.number for step in steps],
        "y": [step.ratio for step in steps],
        "line": {"width": 2},
        "marker": {"size": 7, "opacity": 1 if few else 0},
        "hovertext": [plain(step.title) for step in steps],
        "hoverinfo": "text",
        "cliponaxis": False,
        "customdata": [step.link for step in steps],
    }
    highest = max(step.ratio for step in steps)
    last = steps[-1]
    layout = {
        "margin": {"l": 0, "r": 8, "t": 16, "b": 40},
        "hovermode": "closest",
        "xaxis": {
            "title": {"text": "images", "standoff": 8, "font": {"size": 12}},
            "range": [0, last.number * 1.04],
            "nticks": 6,
            "tickformat": ",d",
            "fixedrange": True,
            "showgrid": False,
        },
        "yaxis": {
            "range": [1, max(highest * 1.15 - 0.1, 1.2)],  # 1 : 1 saves nothing
            "nticks": 5,
            "ticksuffix": " : 1",
            "ticklabelposition": "inside top",
            "fixedrange": True,
        },
        "annotations": [
            {
                "x": last.number,
                "y": last.ratio,
                "xanchor": "right",
                "yanchor": "bottom",
                "yshift": 6,
                "text": f"<b>{last.ratio:.2f} : 1</b>",
            }
        ],
    }
    colours = {theme: token("ink", theme) for theme in THEMES}
    return figure([trace], layout, [{"line.color": colours, "marker.color": colours}])
