"""A treemap of folders and files in shades of one layer's colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Any

from analyzer.charts.colours import CHROMA, LIGHTNESS, hue, oklch_to_hex
from analyzer.charts.figure import Figure, figure, plain
from analyzer.charts.theme import THEMES, TOKENS, token
from analyzer.units import binary_text, exact

PALE = 0.6  # below this share of the layer's colour, ink reads better than the text colour of layers

LONGEST = 20  # characters of a name in its tile; all of it is in the hover text

LEGIBLE = 70  # a tile of less than this fraction of the whole has no room for its name


@dataclass(frozen=True, slots=True)
class Tile:
    """A folder, a file, or what is left of a folder. `size` in bytes, its parts included."""

    key: str
    parent: str  # the key of the tile around it; empty for the outermost
    name: str
    title: str  # the whole path
    size: int
    tone: float  # share of the layer's colour, 0 to 1; the rest is paper
    address: str | None  # where a click leads


def treemap(tiles: Sequence[Tile], diff_id: str) -> Figure:
    """The figure; the first tile is the outermost. Its parts need not be in any order."""
    folders = {tile.parent for tile in tiles}
    trace: dict[str, Any] = {
        "type": "treemap",
        "branchvalues": "total",
        "ids": [tile.key for tile in tiles],
        "parents": [tile.parent for tile in tiles],
        "labels": [plain(_fitting(tile.name)) for tile in tiles],
        "values": [tile.size for tile in tiles],
        "text": [binary_text(tile.size) for tile in tiles],
        "customdata": [tile.address for tile in tiles],
        "hovertext": [f"{plain(tile.title)}<br>{exact(tile.size)}" for tile in tiles],
        "hoverinfo": "text",
        "texttemplate": [_text(tile, tiles[0].size, tile.key in folders) for tile in tiles],
        "textposition": "top left",
        "textfont": {"size": 12, "shadow": "none", "weight": "normal"},
        "tiling": {"packing": "squarify", "pad": 1},
        "pathbar": {"visible": False},
        "marker": {"pad": {"t": 18, "l": 1, "r": 1, "b": 1}, "cornerradius": 1},
    }
    themed = {
        "marker.colors": {theme: [_mixed(diff_id, theme, tile.tone) for tile in tiles] for theme in THEMES},
        "marker.line": {theme: {"width": 1, "color": token("paper", theme)} for theme in THEMES},
        "textfont.color": {
            theme: [token("ink" if tile.tone < PALE else "on-layer", theme) for tile in tiles] for theme in THEMES
        },
    }
    return figure([trace], {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}}, [themed])


def _text(tile: Tile, whole: int, is_folder: bool) -> str:
    """Names where there is room; what Plotly shrinks too much all the same, `map.js` cuts."""
    if tile.size * LEGIBLE < whole:
        return " "
    return "%{label}" if is_folder else "%{label}<br>%{text}"


def _fitting(name: str) -> str:
    """A long name without its middle: its end tells the version and the kind."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 9]}…{name[-8:]}"


def _mixed(diff_id: str, theme: str, tone: float) -> str:
    """The layer's colour and paper, mixed in OKLab: through hues a mix would change its colour."""
    colours = ((LIGHTNESS[theme], CHROMA, hue(diff_id)), TOKENS[theme]["paper"])
    lightness, a, b = (
        tone * layer + (1 - tone) * paper for layer, paper in zip(*(_oklab(*colour) for colour in colours), strict=True)
    )
    return oklch_to_hex(lightness, hypot(a, b), degrees(atan2(b, a)))


def _oklab(lightness: float, chroma: float, angle: float) -> tuple[float, float, float]:
    return lightness, chroma * cos(radians(angle)), chroma * sin(radians(angle))
