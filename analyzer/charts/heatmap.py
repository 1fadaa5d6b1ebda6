"""A heat map of what every two rows share: the more ink, the larger the part of the smaller one."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.charts.colours import oklch_to_hex
from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token
from analyzer.units import binary

HEAD = 132  # pixels above the cells: slanted names
LONGEST = 26  # characters of a name at an axis
MOST_WRITTEN = 14  # rows up to which each cell has its figure
UNDER_TEXT = {"light": oklch_to_hex(0.66, 0.012, 265), "dark": oklch_to_hex(0.44, 0.016, 265)}
"""The darkest that ink can be read on; without figures it is ink itself."""


@dataclass(frozen=True, slots=True)
class Side:
    """A row, and the column that is the same. `opens` is where a click leads, if it is a family.

    For an image `picks` is what names it in the address of a page about two images.
    """

    name: str
    opens: str = ""
    picks: str = ""


def heat_map_height(rows: int) -> int:
    """Pixels."""
    return HEAD + rows * _row(rows)


def heat_map_width(rows: int) -> int:
    """Pixels beyond which cells would only be wider, not easier to read."""
    return 260 + rows * 96


def heat_map_figure(
    sides: Sequence[Side], shared: Sequence[Sequence[int]], shares: Sequence[Sequence[float]], pair: str
) -> Figure:
    """The figure. `shared` in bytes, `shares` 0 to 1; a click on two images goes to `pair` + both of their `picks`."""
    number = len(sides)
    names = [plain(_cut(side.name)) for side in sides]
    trace = {
        "type": "heatmap",
        # An image is all of itself: that would be the darkest there is and say nothing.
        "z": [
            [None if first == second and not sides[first].opens else round(part, 3) for second, part in enumerate(line)]
            for first, line in enumerate(shares)
        ],
        "customdata": [list(line) for line in shared],
        "zmin": 0,
        "zmax": 1,
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": "%{y} · %{x}<br>%{customdata:,} bytes<br>%{z:.1%} of the smaller<extra></extra>",
    }
    if number <= MOST_WRITTEN:
        trace |= {
            "text": [[_short(size) if size else "" for size in line] for line in shared],
            "texttemplate": "%{text}",
            "textfont": {"size": 11},
        }
    axis = {
        "tickmode": "array",
        "tickvals": list(range(number)),
        "ticktext": names,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "outside",  # not seen: room between names and cells
        "ticklen": 5,
        "tickcolor": "rgba(0,0,0,0)",
    }
    layout = {
        "margin": {"l": 0, "r": _room(names[-1]) if names and number <= 2 * MOST_WRITTEN else 0, "t": HEAD, "b": 0},
        "xaxis": {
            **axis,
            "side": "top",
            "ticklabeloverflow": "allow",
            "tickangle": -60 if number <= 2 * MOST_WRITTEN else -90,
            "range": [-0.5, number - 0.5],
        },
        "yaxis": {**axis, "range": [number - 0.5, -0.5]},
    }
    written = number <= MOST_WRITTEN
    scale = {
        theme: [[0, token("well", theme)], [1, UNDER_TEXT[theme] if written else token("ink", theme)]]
        for theme in THEMES
    }
    cells = {"opens": [side.opens for side in sides], "picks": [side.picks for side in sides], "pair": pair}
    themed = {"colorscale": scale, "textfont.color": {theme: token("ink", theme) for theme in THEMES}}
    return figure([trace], layout, [themed], cells=cells)


def _row(rows: int) -> int:
    return 34 if rows <= MOST_WRITTEN else 22 if rows <= 2 * MOST_WRITTEN else 16


def _room(name: str) -> int:
    """Pixels that the last name, which leans over its column, takes beyond half of the narrowest one."""
    return max(0, round(len(name) * 3.4) - 4)


def _short(size: int) -> str:
    """`190M`, `1.24G`: the unit's first letter."""
    number, unit = binary(size)
    number = number.replace(",", "")
    return f"{number if len(number) < 5 else f'{float(number):.0f}'}{unit[0]}"


def _cut(name: str) -> str:
    """The name without its middle: its end tells the version."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST // 2 - 1]}…{name[-LONGEST // 2 :]}"
