"""What the pages rely on in the script that Plotly's wheel carries."""

from pathlib import Path

import plotly

from analyzer.templatetags.layersite import PLOTLY_MAP_STYLE

SCRIPT = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def test_the_style_of_maps_is_known_by_its_id():
    assert SCRIPT.count(f'getElementById("{PLOTLY_MAP_STYLE}")') == 1


def test_its_own_style_is_an_element_that_the_page_can_bring():
    assert '"plotly.js-style-"' in SCRIPT
