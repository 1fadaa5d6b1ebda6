"""The figures of the Reuse page: valid for Plotly in both themes, every mark with its words and its page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.charts.bars import Column, bars
from analyzer.charts.cdf import MOST_POINTS, cdf
from analyzer.charts.days import DayBar, days
from analyzer.charts.growth import Step, growth
from analyzer.charts.theme import THEMES, token
from tests.charts.test_figures import dressed


@pytest.mark.parametrize("theme", THEMES)
def test_bars_carry_their_words_and_addresses(theme: str):
    columns = [Column("1", 29, "29", "<29> layers", "/one/", strong=False), Column("2–3", 4, "4", "4 layers", "/two/")]
    (trace,) = dressed(bars(columns, "images"), theme).data
    assert list(trace.y) == [29, 4]
    assert list(trace.customdata) == ["/one/", "/two/"]
    assert trace.hovertext[0] == "&lt;29&gt; layers"
    assert list(trace.marker.color) == [token("soft", theme), token("ink", theme)]


@pytest.mark.parametrize("theme", THEMES)
def test_a_curve_climbs_by_one_step_a_value(theme: str):
    figure = cdf([1024, 0, 4096], lambda at: (f"value {at}", f"/{at}/"), str)
    (trace,) = dressed(figure, theme).data
    assert list(trace.y) == pytest.approx([0, 1 / 3, 2 / 3, 1, 1])
    assert list(trace.x) == [-0.5, -0.5, 10, 12, 12]
    assert list(trace.customdata) == ["", "/1/", "/0/", "/2/", ""]
    assert trace.hovertext[2] == "value 0<br>67% are not larger"


@given(st.lists(st.integers(0, 2**50), min_size=1, max_size=3 * MOST_POINTS))
def test_a_curve_of_many_values_is_thinned_and_still_ends_at_all(values: list[int]):
    figure = cdf(values, lambda at: (str(values[at]), f"/{at}/"), str)
    trace = figure["data"][0]
    assert len(trace["x"]) <= MOST_POINTS + 3
    assert trace["x"] == sorted(trace["x"])
    assert trace["y"] == sorted(trace["y"])
    assert trace["customdata"][-2] == f"/{max(range(len(values)), key=lambda at: (values[at], at))}/"
    assert len(figure["layout"]["xaxis"]["tickvals"]) <= 7


def test_a_curve_of_nothing_is_still_a_figure():
    dressed(cdf([], lambda at: ("", ""), str), "light")


@pytest.mark.parametrize("theme", THEMES)
def test_growth_says_what_the_last_image_came_to(theme: str):
    figure = growth([Step(1, 1.0, "<a>", "/a/"), Step(2, 1.75, "b", "/b/")])
    (trace,) = dressed(figure, theme).data
    assert list(trace.y) == [1.0, 1.75]
    assert trace.hovertext[0] == "&lt;a&gt;"
    assert figure["layout"]["annotations"][0]["text"] == "<b>1.75 : 1</b>"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("number", [1, 9])
def test_days_stand_as_bars_with_what_was_new_inside(theme: str, number: int):
    items = [DayBar(f"{day} Nov", 1000 * day, 10 * day, f"day {day}", f"/{day}/") for day in range(1, number + 1)]
    logical, new = dressed(days(items), theme).data
    assert (logical.y[-1], new.y[-1]) == (1000 * number, 10 * number)
    assert list(logical.customdata) == list(new.customdata)
    assert new.marker.color == token("ink", theme)
