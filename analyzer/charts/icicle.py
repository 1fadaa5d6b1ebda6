"""An icicle that stands on its root: boxes on boxes, each as wide as its bytes, in the colours of layers.

Plotly's own icicle gives each box the same height and shrinks texts; here what weighs next to nothing is thin, and
what has no room has no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.charts.colours import layer_colour
from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token

THICK, THIN = 40, 7
"""Pixels: room for two lines, and what shows that there is something."""

NARROWEST = 640
"""Pixels: a narrower page scrolls the figure sideways, so texts may count on this much."""

A_CHARACTER = 6.4
"""Pixels, on the average."""

FEWEST = 5  # characters of a name that is cut

MOST_LABELS = 44
LONGEST_LABEL = 24
APART = 0.021  # of the width: two slanted labels need that much room
SLANT = 0.87  # of a label's length it is high: the sine of 60 degrees
AIR = 12


@dataclass(frozen=True, slots=True)
class Slab:
    """A box: `left` and `width` in bytes, on the slab with index `parent` (-1: on the ground), which comes before it.

    `texts` are what it may say, the longest first: the first that has room is taken, or of its `name` what fits. A
    `label` stands above all slabs and leads to an address of its own. Without `diff_id` it stands for several chains
    and is grey.
    """

    parent: int
    left: int
    width: int
    diff_id: str
    thin: bool
    texts: Sequence[str]
    hover: str
    address: str
    name: str = ""
    label: str = ""
    label_address: str = ""


def icicle_height(slabs: Sequence[Slab]) -> int:
    """Pixels."""
    longest = max((len(_cut(slabs[index].label)) for index in _labelled(slabs)), default=0)
    return _top(slabs) + (round(longest * A_CHARACTER * SLANT) + 2 * AIR if longest else 0)


def icicle(slabs: Sequence[Slab]) -> Figure:
    """The figure. A click on a slab or a label follows its address."""
    whole = _whole(slabs)
    feet = _feet(slabs)
    labels, top = _labelled(slabs), _top(slabs)
    traces, themed = [], []
    for grey in (False, True):
        drawn = [index for index, slab in enumerate(slabs) if bool(slab.diff_id) != grey and slab.width]
        heights = [_height(slabs[index]) for index in drawn]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "base": [slabs[index].left for index in drawn],
                "x": [slabs[index].width for index in drawn],
                "y": [feet[index] + height / 2 for index, height in zip(drawn, heights, strict=True)],
                "width": heights,
                "text": [_text(slabs[index], whole) for index in drawn],
                "textposition": "inside",
                "insidetextanchor": "start",
                "textangle": 0,
                "hovertext": [plain(slabs[index].hover) for index in drawn],
                "hoverinfo": "text",
                "customdata": [slabs[index].address for index in drawn],
            }
        )
        themed.append(
            {
                "marker.color": {
                    theme: token("rule", theme)
                    if grey
                    else [layer_colour(slabs[index].diff_id, theme) for index in drawn]
                    for theme in THEMES
                },
                "insidetextfont.color": {theme: token("ink" if grey else "on-layer", theme) for theme in THEMES},
            }
        )
    layout = {
        "barmode": "overlay",
        "bargap": 0,
        "uniformtext": {"mode": "hide", "minsize": 11},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {"visible": False, "range": [0, whole], "fixedrange": True},
        "yaxis": {"visible": False, "range": [0, icicle_height(slabs)], "fixedrange": True},
        "annotations": [
            {
                "x": _middle(slabs[index]),
                "y": top + AIR,
                "text": _link(slabs[index]),
                "yanchor": "bottom",
                "captureevents": True,
                **(_leaning(slabs[index], whole)),
            }
            for index in labels
        ],
        "shapes": [
            {
                "type": "line",
                "x0": _middle(slabs[index]),
                "x1": _middle(slabs[index]),
                "y0": _visible_top(slabs, feet, index),
                "y1": top + AIR - 2,
                "line": {"dash": "solid", "width": 1},
                "opacity": 0.45,
            }
            for index in labels
        ],
    }
    return figure(traces, layout, themed)


def _whole(slabs: Sequence[Slab]) -> int:
    return sum(slab.width for slab in slabs if slab.parent < 0) or 1


def _height(slab: Slab) -> int:
    return THIN if slab.thin else THICK


def _feet(slabs: Sequence[Slab]) -> list[int]:
    """How high each slab begins, in pixels."""
    feet: list[int] = []
    for slab in slabs:
        feet.append(feet[slab.parent] + _height(slabs[slab.parent]) if slab.parent >= 0 else 0)
    return feet


def _top(slabs: Sequence[Slab]) -> int:
    return max((foot + _height(slab) for foot, slab in zip(_feet(slabs), slabs, strict=True)), default=THICK)


def _visible_top(slabs: Sequence[Slab], feet: Sequence[int], index: int) -> int:
    """Where the label's line begins: on the slab, or on what it stands on where it is too narrow to be seen."""
    whole = _whole(slabs)
    while slabs[index].parent >= 0 and slabs[index].width * NARROWEST < whole:
        index = slabs[index].parent
    return feet[index] + _height(slabs[index]) + 2


def _text(slab: Slab, whole: int) -> str:
    if slab.thin:
        return ""
    # Of a page of usual width; where it is narrower, Plotly hides what does not fit.
    room = int(slab.width / whole * NARROWEST * 1.8 / A_CHARACTER)
    fitting = next((text for text in slab.texts if max(map(len, text.split("\n"))) < room), "")
    if not fitting and room > FEWEST:
        fitting = _cut(slab.name, room - 1)
    first, *rest = fitting.split("\n")
    return "<br>".join([f"<b>{plain(first)}</b>", *map(plain, rest)]) if fitting else ""


def _labelled(slabs: Sequence[Slab]) -> list[int]:
    """The slabs whose label is drawn: the widest first, as far as there is room between them."""
    whole = _whole(slabs)
    chosen: list[int] = []
    for index in sorted((i for i, slab in enumerate(slabs) if slab.label), key=lambda i: -slabs[i].width):
        place = _middle(slabs[index]) / whole
        if len(chosen) < MOST_LABELS and all(abs(place - _middle(slabs[i]) / whole) >= APART for i in chosen):
            chosen.append(index)
    return chosen


def _middle(slab: Slab) -> float:
    return slab.left + slab.width / 2


def _leaning(slab: Slab, whole: int) -> dict[str, Any]:
    """Labels lean to the right; those that would leave the figure lean to the left."""
    reach = len(_cut(slab.label)) * A_CHARACTER / 2
    if _middle(slab) / whole * NARROWEST + reach < NARROWEST:
        return {"textangle": -60, "xanchor": "left", "xshift": -4}
    return {"textangle": 60, "xanchor": "right", "xshift": 4}


def _link(slab: Slab) -> str:
    return f'<a href="{plain(slab.label_address)}" target="_self">{plain(_cut(slab.label))}</a>'


def _cut(name: str, most: int = LONGEST_LABEL) -> str:
    """The name without its middle: its end tells the version."""
    return name if len(name) <= most else f"{name[: (most - 1) // 2]}…{name[(1 - most) // 2 :]}"
