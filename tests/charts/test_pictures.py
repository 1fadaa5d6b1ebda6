"""The pictures of sharing: valid for Plotly in both themes, each click with an address, names as data."""

import json
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from analyzer.charts.figure import Figure
from analyzer.charts.heatmap import Side, heat_map_figure, heat_map_height
from analyzer.charts.icicle import THICK, THIN, Slab, icicle, icicle_height
from tests.charts.test_figures import dressed

A, B = "sha256:b41a487b7546" + "0" * 52, "sha256:e85b527e629d" + "0" * 52


def slab(parent: int, left: int, width: int, **fields: Any) -> Slab:
    told: dict[str, Any] = {"diff_id": A, "thin": False, "texts": ("a\nb", "a"), "hover": "h", "address": "/x/"}
    return Slab(parent, left, width, **(told | fields))


SLABS = [
    slab(-1, 0, 1000, name="base", texts=("base\n900 B",)),
    slab(0, 0, 500, diff_id=B, thin=True),
    slab(1, 0, 100, label="<app>", label_address="/images/a/"),
    slab(0, 500, 10, diff_id="", texts=("7 more\n10 B", "7")),
]


def valid(made: Figure) -> None:
    for theme in ("light", "dark"):
        go.Figure(dressed(made, theme))
    json.dumps(made)


def test_slabs_stand_on_what_carries_them() -> None:
    made = icicle(SLABS)
    valid(made)
    layers, more = made["data"]
    assert layers["base"] == [0, 0, 0]
    assert layers["y"] == [THICK / 2, THICK + THIN / 2, THICK + THIN + THICK / 2]
    assert (more["x"], more["y"]) == ([10], [THICK + THICK / 2])
    assert icicle_height(SLABS) > 2 * THICK + THIN


def test_a_text_stands_where_it_has_room() -> None:
    layers, more = icicle(SLABS)["data"]
    assert layers["text"][0] == "<b>base</b><br>900 B"
    assert more["text"] == ["<b>7</b>"] or more["text"] == [""]
    narrow = [slab(-1, 0, 1000), slab(0, 0, 80, name="a-very-long-name:1.2.3", texts=("a-very-long-name:1.2.3",))]
    cut = icicle(narrow)["data"][0]["text"][1]
    assert cut.endswith("3</b>")
    assert "…" in cut


def test_labels_link_and_are_data() -> None:
    (label,) = icicle(SLABS)["layout"]["annotations"]
    assert label["text"] == '<a href="/images/a/" target="_self">&lt;app&gt;</a>'


def test_labels_keep_apart_and_inside_the_figure() -> None:
    crowd = [slab(-1, 0, 3000)] + [slab(0, at, 10, label=f"image-with-a-name-{at}") for at in range(0, 3000, 10)]
    labels = icicle(crowd)["layout"]["annotations"]
    assert 20 < len(labels) <= 44
    assert {label["textangle"] for label in labels} == {-60, 60}
    places = sorted(label["x"] for label in labels)
    assert min(second - first for first, second in pairwise(places)) >= 0.021 * 3000


def test_nothing_at_all_is_still_a_figure() -> None:
    valid(icicle([]))
    assert icicle_height([]) == THICK
    valid(heat_map_figure([], [], [], "/"))


def test_a_heat_map_of_few_rows_has_its_figures_written() -> None:
    sides = [Side("<b>one</b>", picks="image=1"), Side("two", picks="image=2"), Side("3 on two", opens="/x/?at=2")]
    made = heat_map_figure(
        sides, [[9_999_999, 5, 0], [5, 8, 2], [0, 2, 4]], [[1, 0.5, 0], [0.5, 1, 1], [0, 1, 0.5]], "/p/?"
    )
    valid(made)
    trace = made["data"][0]
    assert trace["text"][0] == ["9.54M", "5B", ""]
    assert trace["z"] == [[None, 0.5, 0], [0.5, None, 1], [0, 1, 0.5]]
    assert made["layout"]["yaxis"]["ticktext"][0] == "&lt;b&gt;one&lt;/b&gt;"
    assert made["cells"] == {"opens": ["", "", "/x/?at=2"], "picks": ["image=1", "image=2", ""], "pair": "/p/?"}


def test_a_heat_map_of_many_rows_has_none_and_stays_low() -> None:
    number = 64
    sides = [Side(f"image-with-quite-a-long-name:{index}") for index in range(number)]
    made = heat_map_figure(sides, [[1] * number] * number, [[0.25] * number] * number, "/p/?")
    valid(made)
    assert "text" not in made["data"][0]
    assert all(len(name) <= 26 for name in made["layout"]["xaxis"]["ticktext"])
    assert heat_map_height(number) < 1200
