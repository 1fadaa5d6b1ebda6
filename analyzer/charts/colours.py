"""The colour of a layer: made of its diffID, the same on every page and in every chart.

Pages let the browser mix it (`site.css`, "The layer rule"); Plotly knows no oklch(), so charts get sRGB.
"""

from math import cos, radians, sin

LIGHTNESS = {"light": 0.64, "dark": 0.74}
CHROMA = 0.105


def hue(diff_id: str) -> float:
    """Degrees, 0 to 360: the first two bytes of the diffID, to one decimal as the pages write it."""
    return round(int(diff_id.removeprefix("sha256:")[:4], 16) / 65536 * 360, 1)


def notch(diff_id: str) -> float:
    """Where the tick stands in the swatch, 0 to 1: the third byte of the diffID."""
    return round(int(diff_id.removeprefix("sha256:")[4:6], 16) / 255, 2)


def oklch_to_hex(lightness: float, chroma: float, degrees: float) -> str:
    """An OKLCH colour inside sRGB as `#rrggbb` (CSS Color 4, "Sample code for color conversions")."""
    a, b = chroma * cos(radians(degrees)), chroma * sin(radians(degrees))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(_gamma(channel) * 255):02x}" for channel in linear)


def _gamma(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def layer_colour(diff_id: str, theme: str) -> str:
    """The layer's colour as `#rrggbb`; `theme` is "light" or "dark"."""
    return oklch_to_hex(LIGHTNESS[theme], CHROMA, hue(diff_id))
