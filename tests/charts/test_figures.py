"""Figures: valid for Plotly in both themes, with what they show in words and bytes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest

from analyzer.charts.axis import byte_axis, byte_ticks
from analyzer.charts.figure import Figure
from analyzer.charts.ladder import Bar, Piece, ladder, ladder_height
from analyzer.charts.theme import THEMES, token
from analyzer.charts.trend import Point, trend

A, B = "b41a487b7546", "e85b527e629d"
START = datetime(2026, 11, 24, tzinfo=UTC)


def assign(target: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    for key in way:
        target = target.setdefault(key, {})
    target[last] = value


def dressed(figure: Figure, theme: str) -> Any:
    """The figure as the page draws it; Plotly's own checks refuse an attribute that does not exist."""
    copy = json.loads(json.dumps(figure))
    for trace, attributes in zip(copy["data"], copy["themes"][theme]["traces"], strict=False):
        for path, value in attributes.items():
            assign(trace, path, value)
    return go.Figure(
        {"data": copy["data"], "layout": {**copy["layout"], "template": copy["themes"][theme]["template"]}}
    )


def steps() -> list[Bar]:
    return [
        Bar("naive", "all", 700, [Piece(A, 100, 5, "/layers/a/"), Piece(B, 200)]),
        Bar("layers", "once", 300, [Piece(A, 100), Piece(B, 200)]),
        Bar("contents", "files", 250),
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_the_ladder_is_valid_and_coloured_by_layer(theme: str):
    bar = dressed(ladder(steps()), theme).data[0]
    assert sum(bar.x) == 700 + 300 + 250
    assert list(bar.y) == [0] * 6 + [1] * 2 + [2]
    assert bar.marker.color[0] == {"light": "#5d8fca", "dark": "#7baeec"}[theme]
    assert bar.marker.color[-1] == token("soft", theme)


def test_pieces_of_a_bar_lie_end_to_end_and_link_to_their_layer():
    bar = ladder(steps())["data"][0]
    assert bar["base"][:6] == [0, 100, 200, 300, 400, 500]
    assert ladder(steps())["links"][bar["customdata"][0]] == "/layers/a/"
    assert bar["hovertext"][0] == "b41a487b7546: 100 bytes, counted 5 times"


def test_what_a_step_saves_is_written_beside_it():
    texts = [item["text"] for item in ladder(steps())["layout"]["annotations"]]
    assert "−400 B" in texts
    assert "−50 B" in texts
    assert "<b>300 B</b>  2.33 : 1" in texts


def test_a_step_that_saves_nothing_has_no_outline():
    bars = [Bar("chains", "", 10, [Piece(A, 10)]), Bar("layers", "", 10, [Piece(A, 10)])]
    assert ladder(bars)["layout"]["shapes"] == []


def test_many_uses_are_drawn_as_one_piece_and_other_layers_as_a_grey_one():
    pieces = [Piece(f"{number:012x}", 1000 - number, 300) for number in range(3)]
    bar = ladder([Bar("naive", "", 900_000, pieces, others=40)])["data"][0]
    assert bar["x"][:3] == [300_000, 299_700, 299_400]
    assert sum(bar["x"]) == 900_000
    assert bar["hovertext"][-1] == "40 smaller layers: 900 bytes"


@pytest.mark.parametrize("bars", [[], [Bar("naive", "", 0), Bar("layers", "", 0)]])
def test_an_empty_ladder_is_still_a_figure(bars: list[Bar]):
    dressed(ladder(bars), "light")
    assert ladder_height(bars) == 4 + 52 * len(bars)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("number", [1, 5])
def test_the_trend_is_two_lines_with_room_at_both_ends(theme: str, number: int):
    points = [Point(START + timedelta(minutes=minute), f"i{minute}", 100 * minute, 10) for minute in range(number)]
    logical, stored = dressed(trend(points), theme).data
    assert list(logical.y) == [0, *(100 * minute for minute in range(number)), 100 * (number - 1)]
    assert stored.y[-1] == 10
    if number > 1:
        assert logical.x[0] < "2026-11-24 00:00:00" < logical.x[-1]
    assert len(logical.x) == number + 2
    assert stored.line.color == token("ink", theme)


def test_images_of_one_moment_stand_in_their_order_with_their_names():
    points = [Point(START + timedelta(milliseconds=5 * number), f"<b>{number}", 100, 10) for number in range(1, 5)]
    figure = trend(points)
    dressed(figure, "light")
    assert figure["data"][0]["x"] == [0, 1, 2, 3, 4, 5]
    assert figure["layout"]["xaxis"]["ticktext"] == ["&lt;b&gt;4", "&lt;b&gt;2"]


@pytest.mark.parametrize(
    ("stored", "labels"),
    [
        (1000, ["logical and <b>stored</b> 1,000 B"]),
        (950, ["logical 1,000 B, <b>stored</b> 950 B"]),
        (500, ["logical 1,000 B", "<b>stored</b> 500 B"]),
    ],
)
def test_lines_that_end_close_together_share_a_label(stored: int, labels: list[str]):
    figure = trend([Point(START, "a", 1000, stored)])
    assert [item["text"] for item in figure["layout"]["annotations"]] == labels


@pytest.mark.parametrize(
    ("largest", "texts"),
    [
        (0, ["0"]),
        (1, ["0", "1 B"]),
        (5000, ["0", "1", "2", "3", "4", "5 KiB"]),
        (6_332_350_664, ["0", "2", "4", "6 GiB"]),
        (2**30 - 1, ["0", "256", "512", "768", "1024 MiB"]),
    ],
)
def test_ticks_are_round_in_binary_units(largest: int, texts: list[str]):
    assert byte_ticks(largest)[1] == texts


@pytest.mark.parametrize("largest", [0, 1, 7, 1023, 1024, 10**6, 3 * 2**30, 2**50 + 1, 2**69])
def test_an_axis_reaches_to_its_largest_value_with_few_ticks(largest: int):
    axis = byte_axis(largest)
    assert axis["range"][1] >= largest
    assert len(axis["tickvals"]) <= 6
