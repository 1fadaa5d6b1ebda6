"""What moving an image onto another base would share."""

from typing import Any

from django.urls import reverse

from analyzer.charts.stacks import Piece, Row, stacks, stacks_height
from analyzer.selectors.lookup import NoSuchImage
from analyzer.selectors.rebasing import CannotRebase, Move, move
from analyzer.selectors.scope import ScopeImage, ScopeLayer
from analyzer.units import exact
from analyzer.web import what_if_words as words
from analyzer.web.what_if_answer import Answer, Asked

LAYER_COLUMNS = ("index", "diff_id", "size", "from")
EMPTY: tuple[list[dict[str, Any]], tuple[str, ...]] = ([], LAYER_COLUMNS)


def moving(asked: Asked) -> Answer:
    """What moving the question's image onto its base would share; nothing yet where one of them is not named."""
    found: list[ScopeImage] = []
    refused: list[str] = []
    for name in (asked.question.move, asked.question.onto):
        if not name:
            continue
        try:
            found.append(asked.names.image(name))
        except NoSuchImage as error:
            refused.append(str(error))
    template = "analyzer/_what_if_rebase.html"
    if len(found) == 2 and not refused:
        try:
            told = move(asked.frame.everything, asked.frame.bases, *found)
        except CannotRebase as error:
            refused.append(str(error))
        else:
            document = told.as_json()
            return Answer(template, _context(told), document, {"layers": (document["layers"], LAYER_COLUMNS)})
    return Answer(template, {"move": None}, {}, {"layers": EMPTY}, refused)


def _context(told: Move) -> dict[str, Any]:
    figures = told.figures
    rows = _bars(told)
    base = len(told.layers) - figures.own
    return {
        "move": told,
        "title": words.rebase_title(told),
        "note": words.rebase_note(told),
        "figure": stacks(rows),
        "height": stacks_height(rows),
        "layers": [(layer, index < base) for index, layer in enumerate(told.layers)][::-1],
    }


def _bars(told: Move) -> list[Row]:
    """The image now and then: what it shares in colour, what nobody else has pale."""
    before, after = told.figures.before, told.figures.after
    now = [_piece(layer, held) for layer, held in zip(told.now, before.held, strict=True)]
    then = [_piece(layer, held) for layer, held in zip(told.layers, after.held, strict=True)]
    name = told.base.name if told.base else "no known base"
    return [Row("shared now", now, f"on {name}"), Row("shared then", then, f"on {told.onto.name}")]


def _piece(layer: ScopeLayer, held: bool) -> Piece:
    text = f"{layer.diff_id[7:19]}: {exact(layer.size)}, {'shared' if held else 'its own'}"
    return Piece(layer.size, text, layer.diff_id, reverse("layer", args=[layer.diff_id]), not held)
