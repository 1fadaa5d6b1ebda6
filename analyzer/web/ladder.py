"""The dedup ladder as pages show it: figure, title and table."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from analyzer.charts.ladder import MOST_LAYERS, Bar, Piece, ladder, ladder_height
from analyzer.selectors.overview import Rung, Totals, uses_of
from analyzer.selectors.scope import Scope
from analyzer.units import binary_text, grouped, share

LABELS = {
    "naive": ("naive", "image sizes added up"),
    "chains": ("unique chains", "what an engine's disk holds, by chainID"),
    "layers": ("unique layers", "what layersite stores, by diffID"),
    "contents": ("unique contents", "files stored once, by sha256"),
}


def ladder_context(scope: Scope, totals: Totals) -> dict[str, Any]:
    """What `_ladder.html` is filled with."""
    bars = _bars(scope, totals)
    return {
        "totals": totals,
        "ladder": ladder(bars),
        "ladder_height": ladder_height(bars),
        "ladder_label": _label(totals),
        "ladder_title": ladder_title(totals),
        "ladder_note": ladder_note(totals, max(uses_of(scope).values(), default=0)),
        "rungs": [_figures(rung, totals) for rung in totals.rungs],
    }


def ladder_title(totals: Totals) -> str:
    if not totals.saved:
        return "No layer is shared yet"
    return f"Sharing layers saves {share(totals.saved, totals.naive)} of {binary_text(totals.naive)}"


def ladder_note(totals: Totals, most_uses: int) -> str:
    """What the steps of the ladder tell beyond its title."""
    _, chains, layers, contents = totals.rungs
    told = ["The dedup ladder."]
    if chains.size == layers.size:
        told.append("Chains and layers tie here: no layer lies on two different parents.")
    elif chains.size is not None and layers.size is not None:
        more = binary_text(chains.size - layers.size)
        told.append(f"An engine's disk needs {more} more than this store, for layers that lie on several parents.")
    if most_uses > 1:
        times = "twice" if most_uses == 2 else f"{grouped(most_uses)} times"
        told.append(f"A colour is a layer: the naive bar holds one of them {times}.")
    if contents.size is not None and layers.size is not None and contents.size < layers.size:
        told.append(f"Storing each file once would save {binary_text(layers.size - contents.size)} more.")
    return " ".join(told)


def _bars(scope: Scope, totals: Totals) -> list[Bar]:
    """The ladder's bars: layers by the bytes that all their uses add up to, the most first."""
    uses = uses_of(scope)
    order = sorted(uses, key=lambda pk: (-scope.layers[pk].size * uses[pk], scope.layers[pk].diff_id))
    chained = dict.fromkeys(order, 0)
    for chain in {chain for image in scope.whole for chain in image.chains}:
        chained[scope.chains[chain].layer] += 1
    times: dict[str, Mapping[int, int]] = {"naive": uses, "chains": chained, "layers": dict.fromkeys(order, 1)}
    drawn = [(pk, scope.layers[pk], reverse("layer", args=[scope.layers[pk].diff_id])) for pk in order[:MOST_LAYERS]]
    bars = []
    for rung in totals.rungs:
        if rung.size is None:
            continue
        counts = times.get(rung.key)
        pieces = [Piece(layer.diff_id, layer.size, counts[pk], link) for pk, layer, link in drawn] if counts else []
        others = len(order) - len(drawn) if counts else 0
        bars.append(Bar(*LABELS[rung.key], rung.size, pieces, others))
    return bars


def _figures(rung: Rung, totals: Totals) -> tuple[Rung, str, str, int | None]:
    """The rung with its label, ratio and saving."""
    ratio = f"{totals.naive / rung.size:.2f}" if rung.size else "–"
    return rung, LABELS[rung.key][0], ratio, None if rung.size is None else totals.naive - rung.size


def _label(totals: Totals) -> str:
    steps = (f"{LABELS[rung.key][0]} {rung.size:,} bytes" for rung in totals.rungs if rung.size is not None)
    return "Dedup ladder: " + ", ".join(steps)
