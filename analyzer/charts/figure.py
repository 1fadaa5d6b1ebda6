"""A figure as the page carries it: one JSON document with both themes, which `chart.js` draws."""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.charts.theme import CONFIG, THEMES, template

Figure = dict[str, Any]
Themed = Mapping[str, Any]


def figure(
    data: Sequence[Mapping[str, Any]],
    layout: Mapping[str, Any],
    themed: Sequence[Themed] = (),
    links: Mapping[str, str] | None = None,
    cells: Mapping[str, Any] | None = None,
) -> Figure:
    """The document for `chart.js`.

    `themed` has an item for each trace: the attributes that differ between the themes, as
    {"marker.color": {"light": […], "dark": […]}}. A trace's `customdata` may hold addresses, or keys of `links`:
    a click follows them. Of a heat map, `cells` says where a click on a row and a column leads: to what the row or the
    column `opens`, else to the page of the `pair`, its address with what both `picks` say. Annotations named "wide"
    are left out where the figure is narrow.
    """
    return {
        "data": list(data),
        "layout": dict(layout),
        "config": CONFIG,
        "links": dict(links or {}),
        **({"cells": dict(cells)} if cells else {}),
        "themes": {
            theme: {
                "template": template(theme),
                "traces": [{path: values[theme] for path, values in item.items()} for item in themed],
            }
            for theme in THEMES
        },
    }


def plain(text: str) -> str:
    """Names are data: Plotly reads a little markup in texts."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
