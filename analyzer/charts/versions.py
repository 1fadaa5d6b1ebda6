"""Which versions of a file images ship: a bar a content, by the images that have it; hidden ones are outlined."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.charts.colours import layer_colour
from analyzer.charts.figure import Figure, Themed, figure, plain
from analyzer.charts.theme import THEMES, token
from analyzer.units import grouped

PIXELS_A_BAR = 40
MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class Version:
    """A content: images that show it, images that hide it (or may), and the newest layer that brings it."""

    label: str
    visible: int
    hidden: int
    diff_id: str


def versions_height(versions: Sequence[Version]) -> int:
    """Pixels."""
    return PIXELS_A_BAR * min(len(versions), MOST_BARS) + 4


def versions_chart(versions: Sequence[Version]) -> Figure:
    """The figure, longest bars first as given; at most MOST_BARS."""
    drawn = versions[:MOST_BARS]
    whole = max((item.visible + item.hidden for item in drawn), default=1) or 1
    rows = list(range(len(drawn)))
    bar = {"type": "bar", "orientation": "h", "y": rows, "width": 0.3, "hoverinfo": "text"}
    visible = [item.visible for item in drawn]
    hidden = [item.hidden for item in drawn]
    traces = [
        {**bar, "x": visible, "hovertext": [f"{plain(item.label)}: shown in {item.visible:,}" for item in drawn]},
        {
            **bar,
            "x": hidden,
            "base": visible,
            "hovertext": [f"{plain(item.label)}: hidden in {item.hidden:,}" for item in drawn],
        },
    ]
    themed: list[Themed] = [
        {"marker.color": {theme: [layer_colour(item.diff_id, theme) for item in drawn] for theme in THEMES}},
        {
            "marker.color": {theme: token("well", theme) for theme in THEMES},
            "marker.line.color": {theme: token("edge", theme) for theme in THEMES},
        },
    ]
    place = {"yref": "y", "yanchor": "bottom", "yshift": 7, "xref": "paper"}
    words = []
    for row, item in enumerate(drawn):
        ends = grouped(item.visible) + (f" and hidden in {grouped(item.hidden)}" if item.hidden else "")
        words.append({**place, "y": row, "x": 0, "xanchor": "left", "name": "cut", "text": plain(item.label)})
        words.append({**place, "y": row, "x": 1, "xanchor": "right", "text": f"<b>{ends}</b>"})
    layout = {
        "barmode": "overlay",
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {"visible": False, "range": [0, whole], "fixedrange": True},
        "yaxis": {"visible": False, "range": [len(drawn) - 0.7, -0.75], "fixedrange": True},
        "annotations": words,
    }
    return figure(traces, layout, themed)
