"""A cumulative curve: which part of the layers is at most so large, on a scale of powers."""

from collections.abc import Callable, Sequence
from math import ceil, log2
from typing import Any

from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token

MOST_POINTS = 100
MOST_TICKS = 6


def cdf(
    values: Sequence[float],
    mark: Callable[[int], tuple[str, str]],
    words: Callable[[float], str],
    *,
    step: int = 10,
    least: float = 1,
) -> Figure:
    """The figure. `mark` tells of a value's place in `values` what pointing at it says, and the page behind it.

    Ticks are at powers of two, `step` exponents apart at least, written by `words`. What is below `least` stands at
    the left edge: a scale of powers has no zero.
    """
    ordered = sorted(range(len(values)), key=values.__getitem__)
    every = -(-len(ordered) // MOST_POINTS) or 1
    kept = _thinned(len(ordered), every)
    drawn = [(values[ordered[at]], (at + 1) / len(ordered), *mark(ordered[at])) for at in kept]
    largest = max([least, *values])
    ticks = _ticks(least, largest, step)
    left = log2(least) - (0.5 if values and min(values) < least else 0)
    places = [log2(value) if value >= least else left for value, *_ in drawn]
    right = max(log2(largest), left + 1)
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [left, *places, right],
        "y": [0, *(part for _, part, *_ in drawn), 1],
        "line": {"shape": "hv", "width": 2},
        "marker": {"size": [0, *(7 for _ in drawn), 0], "opacity": 0},
        "hovertext": ["", *(f"{plain(title)}<br>{part:.0%} are not larger" for _, part, title, _ in drawn), ""],
        "hoverinfo": "text",
        "customdata": ["", *(link for *_, link in drawn), ""],
    }
    layout = {
        "margin": {"l": 0, "r": 8, "t": 8, "b": 24},
        "hovermode": "closest",
        "xaxis": {
            "tickvals": ticks,
            "ticktext": [words(2**tick) for tick in ticks],
            "tickangle": 0,
            "range": [left - (right - left) * 0.02, right + (right - left) * 0.04],
            "fixedrange": True,
            "zeroline": False,
        },
        "yaxis": {
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": ["0", "", "half", "", "all"],
            "range": [-0.02, 1.06],
            "fixedrange": True,
        },
    }
    return figure([trace], layout, [{"line.color": {theme: token("ink", theme) for theme in THEMES}}])


def _thinned(number: int, every: int) -> list[int]:
    """Every so many of them, and the last one."""
    kept = [*range(0, number, every)]
    return kept if not number or kept[-1] == number - 1 else [*kept, number - 1]


def _ticks(least: float, largest: float, step: int) -> list[int]:
    first, last = ceil(log2(least)), ceil(log2(largest))
    apart = step * max(1, -(-(last - first) // (step * MOST_TICKS)))
    return [*range(first, last + 1, apart)]
