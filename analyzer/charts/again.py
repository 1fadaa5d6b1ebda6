"""What is stored again: a bar for each group, made of layers in their colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.charts.colours import layer_colour
from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token
from analyzer.units import binary_text, exact

PIXELS_A_BAR = 40
MOST_PIECES = 60
LONGEST_LABEL = 110  # characters; the page cuts what its width has no room for


@dataclass(frozen=True, slots=True)
class Share:
    """Bytes of one bar that the layer `diff_id` stores; `text` is said where it is pointed at; `link` its address."""

    diff_id: str
    size: int
    text: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A bar: its label, and its shares, the largest first."""

    label: str
    shares: Sequence[Share]

    @property
    def size(self) -> int:
        return sum(share.size for share in self.shares)


def again_height(groups: Sequence[Group]) -> int:
    """Pixels."""
    return PIXELS_A_BAR * len(groups) + 8


def again(groups: Sequence[Group]) -> Figure:
    """The figure, the first group on top. Shares beyond MOST_PIECES of a bar are drawn as one, in grey."""
    whole = max((group.size for group in groups), default=0) or 1
    data: dict[str, list[Any]] = {name: [] for name in ("x", "base", "y", "hovertext", "customdata")}
    colours: dict[str, list[str]] = {theme: [] for theme in THEMES}
    links: dict[str, str] = {}
    for row, group in enumerate(groups):
        position = 0
        shown = list(group.shares[:MOST_PIECES])
        rest = sum(share.size for share in group.shares[MOST_PIECES:])
        for share in [*shown, *([Share("", rest, "further layers")] if rest else [])]:
            key = share.diff_id.removeprefix("sha256:")[:12]
            values = (share.size, position, row, plain(f"{share.text or key}: {exact(share.size)}"), key)
            for name, value in zip(data, values, strict=True):
                data[name].append(value)
            for theme in THEMES:
                colours[theme].append(layer_colour(share.diff_id, theme) if key else token("soft", theme))
            if share.link:
                links[key] = share.link
            position += share.size
    trace = {"type": "bar", "orientation": "h", "width": 0.36, "hoverinfo": "text", **data}
    layout = {
        "barmode": "overlay",
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {"visible": False, "range": [0, whole], "fixedrange": True},
        "yaxis": {"visible": False, "range": [len(groups) - 0.7, -0.85], "fixedrange": True},
        "annotations": [item for row, group in enumerate(groups) for item in _words(row, group)],
    }
    return figure([trace], layout, [{"marker.color": colours}], links)


def _words(row: int, group: Group) -> list[dict[str, Any]]:
    place = {"y": row, "yanchor": "bottom", "yshift": 7, "yref": "y", "xref": "paper"}
    label = group.label if len(group.label) <= LONGEST_LABEL else f"{group.label[: LONGEST_LABEL - 1]}…"
    return [
        {**place, "x": 0, "xanchor": "left", "name": "cut", "text": f"<b>{plain(label)}</b>"},
        {**place, "x": 1, "xanchor": "right", "text": binary_text(group.size)},
    ]
