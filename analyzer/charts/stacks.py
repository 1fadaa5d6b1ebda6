"""Bars that are compared: each is made of layers in their colours; what does not count in it is drawn pale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.charts.colours import layer_colour
from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, token
from analyzer.units import binary_text

MOST_PIECES = 40
"""Of one bar, and of all bars five times as many; what is smaller is drawn as one piece: it can't be seen apart."""

PIXELS_A_ROW = 52
MOST_ROWS = 25


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: `size` in bytes, the layer whose colour it has (empty: grey), where a click leads."""

    size: int
    text: str
    diff_id: str = ""
    link: str = ""
    pale: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A bar with a label above its left end, `value` above its right one (empty: its bytes that are not pale)."""

    label: str
    pieces: Sequence[Piece]
    note: str = ""
    value: str = ""

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self.pieces)

    @property
    def counted(self) -> int:
        return sum(piece.size for piece in self.pieces if not piece.pale)


def stacks_height(rows: Sequence[Row]) -> int:
    """Pixels."""
    return PIXELS_A_ROW * len(rows) + 4


def stacks(rows: Sequence[Row], line: int | None = None) -> Figure:
    """The figure, the first row on top; `line` in bytes is drawn across all of them."""
    whole = max([row.size for row in rows] + [line or 0]) or 1
    most = max(2, min(MOST_PIECES, 5 * MOST_PIECES // max(len(rows), 1)))
    pieces = [(index, piece) for index, row in enumerate(rows) for piece in _thick(row.pieces, most)]
    bases: list[int] = []
    ends = [0] * len(rows)
    for index, piece in pieces:
        bases.append(ends[index])
        ends[index] += piece.size
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [piece.size for _, piece in pieces],
        "base": bases,
        "y": [index for index, _ in pieces],
        "width": 0.4,
        "hovertext": [plain(piece.text) for _, piece in pieces],
        "hoverinfo": "text",
        "customdata": [piece.link or None for _, piece in pieces],
        "marker": {"line": {"width": 1}},
    }
    layout = {
        "barmode": "overlay",
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {"visible": False, "range": [0, whole], "fixedrange": True},
        "yaxis": {"visible": False, "range": [len(rows) - 0.62, -0.72], "fixedrange": True},
        "annotations": [item for index, row in enumerate(rows) for item in _words(index, row)],
        "shapes": [{"type": "line", "x0": line, "x1": line, "y0": -0.3, "y1": len(rows) - 0.7}] if line else [],
    }
    colours = {theme: [_colour(piece, theme) for _, piece in pieces] for theme in THEMES}
    edges = {theme: [_edge(piece, theme) for _, piece in pieces] for theme in THEMES}
    return figure([trace], layout, [{"marker.color": colours, "marker.line.color": edges}])


def _thick(pieces: Sequence[Piece], most: int) -> list[Piece]:
    """Those that can be seen, and the rest as one piece, or as one that counts and one that is pale."""
    drawn = [piece for piece in pieces if piece.size]
    if len(drawn) <= most:
        return drawn
    least = sorted((piece.size for piece in drawn), reverse=True)[most - 1]
    large = [piece for piece in drawn if piece.size > least]
    for pale in (False, True):
        small = [piece for piece in drawn if piece.size <= least and piece.pale is pale]
        total = sum(piece.size for piece in small)
        if total:
            large.append(Piece(total, f"{len(small):,} smaller ones: {binary_text(total)}", pale=pale))
    return large


def _colour(piece: Piece, theme: str) -> str:
    if piece.pale:
        return token("well", theme)
    return layer_colour(piece.diff_id, theme) if piece.diff_id else token("soft", theme)


def _edge(piece: Piece, theme: str) -> str:
    if piece.pale:
        return layer_colour(piece.diff_id, theme) if piece.diff_id else token("edge", theme)
    return token("paper", theme)


def _words(index: int, row: Row) -> list[dict[str, Any]]:
    place = {"y": index, "yanchor": "bottom", "yshift": 11, "yref": "y"}
    words = [
        {**place, "x": 0, "xref": "paper", "xanchor": "left", "name": "cut", "text": f"<b>{plain(row.label)}</b>"},
        {
            **place,
            "x": 1,
            "xref": "paper",
            "xanchor": "right",
            "text": f"<b>{plain(row.value or binary_text(row.counted))}</b>",
        },
    ]
    if row.note:
        words.append(
            {
                **place,
                "name": "wide",
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "xshift": 8 * len(row.label) + 10,
                "text": plain(row.note),
                "opacity": 0.75,
            }
        )
    return words
