"""The colour of a layer, held to the values of the design."""

import pytest

from analyzer.charts.colours import hue, layer_colour, notch, oklch_to_hex

CHECKED = [
    ("b41a487b7546", "#5d8fca", "#7baeec"),
    ("e85b527e629d", "#ae75ae", "#ce93ce"),
    ("597791d1ac4f", "#7c984e", "#9bb76c"),
    ("7e9a45c8f935", "#2ea18c", "#54c0ab"),
]


@pytest.mark.parametrize(("diff_id", "light", "dark"), CHECKED)
def test_a_layer_has_its_colour_in_both_themes(diff_id: str, light: str, dark: str):
    assert layer_colour(diff_id, "light") == light
    assert layer_colour(f"sha256:{diff_id}", "dark") == dark


def test_hue_and_notch_come_from_the_first_three_bytes():
    assert (hue("sha256:b41a487b7546"), notch("sha256:b41a487b7546")) == (253.3, 0.28)
    assert (hue("0000ff"), notch("0000ff")) == (0.0, 1.0)
    assert hue("ffff00") == 360.0


def test_every_hue_stays_inside_srgb():
    for first in range(0, 65536, 97):
        for theme in ("light", "dark"):
            colour = layer_colour(f"{first:04x}00", theme)
            assert len(colour) == 7
            # A channel that had to be cut would be 0 or 255.
            assert not {colour[1:3], colour[3:5], colour[5:7]} & {"00", "ff"}


def test_black_and_white_are_what_they_are():
    assert oklch_to_hex(0, 0, 0) == "#000000"
    assert oklch_to_hex(1, 0, 0) == "#ffffff"
