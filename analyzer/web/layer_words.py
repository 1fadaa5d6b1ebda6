"""The headings of the Layer page: sentences that say what the figures show."""

from collections.abc import Sequence

from analyzer.models import Layer
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors.image_packages import PackageRow
from analyzer.selectors.layer import LayerPage
from analyzer.selectors.layer_map import LayerMap
from analyzer.selectors.layer_near import Near
from analyzer.units import binary_text, grouped, share
from analyzer.web.image_words import plural


def listing_heading(layer: Layer, whole: LayerMap | None) -> str:
    if layer.diff_id == EMPTY_LAYER_DIFF_ID:
        return "The empty layer: a tar without an entry"
    if not layer.size:
        return f"{plural(layer.entries, 'entry', 'entries')} and not a byte"
    if whole is None or not whole.parts:
        return plural(layer.entries, "entry", "entries")
    named = [part for part in whole.parts if part.path is not None and part.size]
    if not named:
        return "Many small files"
    if len(named) == 1 and named[0].size == layer.size:
        return f"All of it is {named[0].name}"
    text = f"{share(named[0].size, layer.size)} lies in {named[0].name}"
    return text + (f", {share(named[1].size, layer.size)} in {named[1].name}" if len(named) > 1 else "")


def map_heading(shown_map: LayerMap) -> str:
    if not shown_map.size:
        return "No bytes to draw"
    named = [part for part in shown_map.parts if part.path is not None and part.size][:3]
    if not named:
        return "Many small files fill it"
    names = [part.name for part in named]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = "fills" if len(names) == 1 else "fill"
    return f"{listed} {verb} {share(sum(part.size for part in named), shown_map.size)} of it"


def uses_heading(page: LayerPage) -> str:
    images = plural(len({use.pk for use in page.setting.uses}), "image")
    teams = page.teams
    return f"Used by {images} of {'one team' if len(teams) == 1 else plural(len(teams), 'team')}"


def near_heading(near: Sequence[Near]) -> str:
    if not near:
        return ""
    most = f"{binary_text(near[0].common)} of it"
    return f"Nearly the same as {_number(len(near), 'other layer')}, with {most} stored again"


def ids_heading(page: LayerPage) -> str:
    blobs, places = len(page.blobs), len(page.setting.places)
    return f"One layer, {_number(blobs, 'blob')}, {_number(places, 'chain')}"


def _number(count: int, word: str) -> str:
    words = ("no", "one", "two", "three", "four", "five")
    return f"{words[count] if count < len(words) else count} {word}{'' if count == 1 else 's'}"


def packages_heading(rows: Sequence[PackageRow]) -> str:
    """What the layer does to the packages below it."""
    upgraded = sum(bool(row.before) for row in rows)
    new = len(rows) - upgraded
    parts = ([f"brings {plural(new, 'package')}"] if new else []) + (
        [f"changes {grouped(upgraded)}"] if upgraded else []
    )
    return "It " + " and ".join(parts)
