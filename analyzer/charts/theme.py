"""How every figure looks, in light and dark: Plotly's template, made of the tokens of `site.css`."""

from typing import Any

from analyzer.charts.colours import oklch_to_hex

SANS = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
THEMES = ("light", "dark")

# The same OKLCH values as the tokens of these names in site.css.
TOKENS: dict[str, dict[str, tuple[float, float, float]]] = {
    "light": {
        "ink": (0.22, 0.018, 265),
        "soft": (0.47, 0.014, 265),
        "edge": (0.6, 0.012, 265),
        "rule": (0.885, 0.008, 95),
        "well": (0.957, 0.006, 95),
        "paper": (0.985, 0.004, 95),
        "on-layer": (0.2, 0.02, 265),
    },
    "dark": {
        "ink": (0.94, 0.006, 95),
        "soft": (0.72, 0.012, 265),
        "edge": (0.56, 0.016, 265),
        "rule": (0.3, 0.015, 265),
        "well": (0.225, 0.014, 265),
        "paper": (0.17, 0.012, 265),
        "on-layer": (0.2, 0.02, 265),
    },
}

CONFIG = {"displayModeBar": False, "responsive": True, "showTips": False, "scrollZoom": False}


def token(name: str, theme: str) -> str:
    """The token of site.css as `#rrggbb`."""
    return oklch_to_hex(*TOKENS[theme][name])


def template(theme: str) -> dict[str, Any]:
    """A Plotly template; `theme` is "light" or "dark"."""
    ink, soft, edge, rule, well, paper = (
        token(name, theme) for name in ("ink", "soft", "edge", "rule", "well", "paper")
    )
    axis = {
        "gridcolor": rule,
        "linecolor": edge,
        "zerolinecolor": edge,
        "tickcolor": edge,
        "tickfont": {"color": soft},
        "automargin": True,
    }
    return {
        "layout": {
            "font": {"family": SANS, "size": 12, "color": ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 0, "r": 0, "t": 8, "b": 24},
            "showlegend": False,
            "bargap": 0.35,
            "colorway": [ink, soft, edge, rule],
            "xaxis": {**axis, "gridwidth": 1, "zeroline": True},
            "yaxis": {**axis, "gridwidth": 1, "zeroline": True},
            "hoverlabel": {"bgcolor": paper, "bordercolor": edge, "font": {"family": SANS, "size": 12, "color": ink}},
            "transition": {"duration": 0},
            "dragmode": False,
            "annotationdefaults": {"font": {"color": ink, "size": 12}, "showarrow": False},
            "shapedefaults": {"line": {"color": edge, "width": 1, "dash": "dot"}, "fillcolor": well},
        },
        "data": {"bar": [{"marker": {"line": {"color": paper, "width": 1}}}]},
    }
