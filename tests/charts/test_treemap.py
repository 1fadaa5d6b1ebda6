"""The treemap is one that Plotly takes, its texts are data, its colours the layer's."""

import plotly.graph_objects as go
import pytest

from analyzer.charts.treemap import Tile, treemap

DIFF_ID = "sha256:b41a487b75463e533575c4cff990eef7b974696e76e67bf6f1d57438a7e708b6"
TILES = [
    Tile("-1", "", "layer", "layer", 300, 0.0, None),
    Tile("0", "-1", "usr/", "usr", 200, 1.0, "?at=usr"),
    Tile("1", "-1", "<b>&", "<b>&", 100, 0.3, None),
    Tile("2", "0", "tiny", "usr/tiny", 1, 0.5, None),
]


def test_plotly_takes_it():
    figure = treemap(TILES, DIFF_ID)
    drawn = go.Figure({"data": figure["data"], "layout": figure["layout"]})
    assert drawn.data[0].type == "treemap"
    assert list(drawn.data[0].values) == [300, 200, 100, 1]


def test_names_are_no_markup():
    trace = treemap(TILES, DIFF_ID)["data"][0]
    assert trace["labels"][2] == "&lt;b&gt;&amp;"
    assert trace["hovertext"][2] == "&lt;b&gt;&amp;<br>100 bytes"


def test_a_click_on_a_folder_leads_into_it():
    assert treemap(TILES, DIFF_ID)["data"][0]["customdata"] == [None, "?at=usr", None, None]


def test_what_is_too_small_to_read_has_no_name():
    assert treemap(TILES, DIFF_ID)["data"][0]["texttemplate"] == ["%{label}", "%{label}", "%{label}<br>%{text}", " "]


@pytest.mark.parametrize(("theme", "colour"), [("light", "#5d8fca"), ("dark", "#7baeec")])
def test_the_whole_tone_is_the_colour_of_the_layer(theme: str, colour: str):
    traces = treemap(TILES, DIFF_ID)["themes"][theme]["traces"][0]
    assert traces["marker.colors"][1] == colour
    assert traces["marker.colors"][0] == traces["marker.line"]["color"]  # nothing of it is paper
    assert traces["textfont.color"][1] != traces["textfont.color"][2]


def test_a_long_name_keeps_its_beginning_and_its_end():
    long = Tile("a", "", "x86_64-linux-gnu-lto-dump-12", "", 1, 1, None)
    assert treemap([long], DIFF_ID)["data"][0]["labels"] == ["x86_64-linu…-dump-12"]
