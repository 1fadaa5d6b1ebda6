"""The dedup ladder: a bar for each step, made of layers in their colours; what a step saves is an empty outline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.charts.colours import layer_colour
from analyzer.charts.figure import Figure, figure
from analyzer.charts.theme import THEMES, token
from analyzer.units import binary_text, exact

MOST_LAYERS = 80
"""Layers of one bar that have a piece of their own: more are thinner than the line between them."""

MOST_PIECES = 160
"""Pieces of one bar; where uses of layers are more, those of one layer are drawn as one."""

PIXELS_A_BAR = 52


@dataclass(frozen=True, slots=True)
class Piece:
    """A layer in a bar: `size` bytes, drawn `times`; its address is `link`."""

    diff_id: str
    size: int
    times: int = 1
    link: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A step: `size` in bytes, its pieces the largest first; the rest, in so many `others`, is drawn in grey."""

    label: str
    note: str
    size: int
    pieces: Sequence[Piece] = ()
    others: int = 0


def ladder_height(bars: Sequence[Bar]) -> int:
    """Pixels."""
    return PIXELS_A_BAR * len(bars) + 4


def ladder(bars: Sequence[Bar]) -> Figure:
    """The figure; the first bar is the whole that the others are measured by. Hidden where there is nothing to draw."""
    whole = max((bar.size for bar in bars), default=0) or 1
    xs: list[int] = []
    bases: list[int] = []
    rows: list[int] = []
    texts: list[str] = []
    keys: list[str] = []
    colours: dict[str, list[str]] = {theme: [] for theme in THEMES}
    for row, bar in enumerate(bars):
        position = 0
        for piece, width, text in _pieces(bar):
            xs.append(width)
            bases.append(position)
            rows.append(row)
            texts.append(text)
            keys.append(_short(piece) if piece else "")
            for theme in THEMES:
                colours[theme].append(layer_colour(piece.diff_id, theme) if piece else token("soft", theme))
            position += width
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": xs,
        "base": bases,
        "y": rows,
        "width": 0.4,
        "hovertext": texts,
        "hoverinfo": "text",
        "customdata": keys,
    }
    layout = {
        "barmode": "overlay",
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {"visible": False, "range": [0, whole], "fixedrange": True},
        "yaxis": {"visible": False, "range": [len(bars) - 0.62, -0.72], "fixedrange": True},
        "annotations": [item for row, bar in enumerate(bars) for item in _words(row, bar, bars, whole)],
        "shapes": [item for row in range(1, len(bars)) for item in _saving(row, bars)],
    }
    links = {_short(piece): piece.link for bar in bars for piece in bar.pieces if piece.link}
    return figure([trace], layout, [{"marker.color": colours}], links)


def _pieces(bar: Bar) -> list[tuple[Piece | None, int, str]]:
    """What a bar is made of: the piece, its width in bytes, what pointing at it says."""
    drawn: list[tuple[Piece | None, int, str]] = []
    apart = sum(piece.times for piece in bar.pieces) <= MOST_PIECES
    for piece in bar.pieces:
        text = f"{_short(piece)}: {exact(piece.size)}"
        if piece.times > 1:
            text += f", counted {piece.times:,} times"
        drawn += [(piece, piece.size, text)] * piece.times if apart else [(piece, piece.size * piece.times, text)]
    rest = bar.size - sum(piece.size * piece.times for piece in bar.pieces)
    what = f"{bar.others:,} smaller layers" if bar.others else bar.label
    drawn.append((None, rest, f"{what}: {exact(rest)}"))
    return [item for item in drawn if item[1] > 0]


def _short(piece: Piece) -> str:
    return piece.diff_id.removeprefix("sha256:")[:12]


def _words(row: int, bar: Bar, bars: Sequence[Bar], whole: int) -> list[dict[str, Any]]:
    """Label and note above the bar's left end, size and ratio above its right one, the saving beside it."""
    place = {"y": row, "yanchor": "bottom", "yshift": 11, "yref": "y"}
    ratio = f"{bars[0].size / bar.size:.2f} : 1" if bar.size else ""
    words = [
        {**place, "x": 0, "xref": "paper", "xanchor": "left", "text": f"<b>{bar.label}</b>"},
        {**place, "x": 1, "xref": "paper", "xanchor": "right", "text": f"<b>{binary_text(bar.size)}</b>  {ratio}"},
        {
            **place,
            "name": "wide",
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "xshift": 7 * len(bar.label) + 12,
            "text": bar.note,
            "opacity": 0.75,
        },
    ]
    saved = bars[row - 1].size - bar.size if row else 0
    if saved:
        inside = saved / whole > 0.2
        words.append(
            {
                "x": bar.size if inside else bars[row - 1].size,
                "y": row,
                "xanchor": "left",
                "xshift": 6,
                "text": f"−{binary_text(saved)}",
                "opacity": 0.75,
            }
        )
    return words


def _saving(row: int, bars: Sequence[Bar]) -> list[dict[str, Any]]:
    before, after = bars[row - 1].size, bars[row].size
    if before <= after:
        return []
    return [
        {
            "type": "rect",
            "layer": "below",
            "x0": after,
            "x1": before,
            "y0": row - 0.19,
            "y1": row + 0.19,
        }
    ]
