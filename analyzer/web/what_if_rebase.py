"""What moving an image onto another base would share."""

from typing import Any

from django.urls import reverse

from analyzer.charts.stacks import Piece, Row, stacks, stacks_height
from analyzer.selectors.lookup import NoSuchImage
from analyzer.selectors.rebasing import CannotRebase, Move, Repeated, move
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
            document = document_of(told)
            return Answer(template, _context(told), document, {"layers": (document["layers"], LAYER_COLUMNS)})
    return Answer(template, {"move": None}, {}, {"layers": EMPTY}, refused)


def document_of(told: Move) -> dict[str, Any]:
    """The twin: `layers` of the image as it would be, bottom first; all sizes in bytes."""
    figures = told.figures
    base = len(told.layers) - figures.own
    return {
        "image": told.image.image_id,
        "base": told.base.image_id if told.base else None,
        "onto": told.onto.image_id,
        "size": {"before": figures.before.size, "after": figures.after.size},
        "shared": {"before": figures.before.shared, "after": figures.after.shared},
        "more_shared": figures.more_shared,
        "freed": figures.freed,
        "freed_chains": figures.freed_chains,
        "already_in_base": _repeated(told.repeated) if told.repeated else None,
        "layers": [
            {"index": index, "diff_id": layer.diff_id, "size": layer.size, "from": "base" if index < base else "image"}
            for index, layer in enumerate(told.layers)
        ],
        "left": [{"diff_id": layer.diff_id, "size": layer.size} for layer in told.left],
    }


def _repeated(files: Repeated) -> dict[str, int]:
    return {"files": files.files, "size": files.size, "same_path": files.same_path}


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
