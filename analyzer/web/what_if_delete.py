"""What deleting images frees, and which to delete to free so much."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from analyzer.charts.stacks import MOST_ROWS, Piece, Row, stacks, stacks_height
from analyzer.selectors.freeing import Freeing, GoneLayer, freeing, room
from analyzer.sharing.deleting import FEW
from analyzer.units import binary_text, exact, parsed
from analyzer.web import what_if_words as words
from analyzer.web.what_if_answer import Answer, Asked

LAYER_COLUMNS = ("diff_id", "size", "images", "chains")
IMAGE_COLUMNS = (
    "image_id",
    "references",
    "created",
    "size",
    "unique",
    "unique_chains",
    "freed",
    "freed_chains",
    "base_of",
)
ROWS = 30  # images and layers that a page lists; the twins have all


def deleting(asked: Asked) -> Answer:
    """What deleting the images of the question frees."""
    told = freeing(asked.frame.everything, asked.frame.bases, asked.images)
    context: dict[str, Any] = {"freeing": None}
    if told.images:
        rows = _bars(told)
        context = _shown(told) | {
            "title": words.delete_title(told),
            "note": words.delete_note(told),
            "figure": stacks(rows),
            "height": stacks_height(rows),
            "rows": [(row.label, row.note, row.counted) for row in rows],
            "delete_address": delete_address(told),
        }
    return _answer("analyzer/_what_if_delete.html", context, told, {})


def making_room(asked: Asked) -> Answer:
    """Which images of the scope to delete so that so much is free; those that the question names are kept."""
    key = asked.question.by
    refused = []
    wanted = 0
    try:
        wanted = parsed(asked.question.size) if asked.question.size else 0
    except ValueError as error:
        refused.append(str(error))
    candidates = asked.frame.scope.images.values()
    keep = {image.pk for image in asked.images}
    told = room(asked.frame.everything, asked.frame.bases, candidates, wanted, key, keep)
    context: dict[str, Any] = {"freeing": None, "few": FEW, "most": told.most}
    if wanted:
        rows = _steps(told.freeing, key)
        context |= _shown(told.freeing) | {
            "room": told,
            "by_chains": key == "chains",
            "title": words.room_title(told, key),
            "figure": stacks(rows, wanted if told.enough else None) if rows else None,
            "height": stacks_height(rows),
            "delete_address": delete_address(told.freeing),
            "these": asked.address(
                ask="delete", images=tuple(asked.names.name(item.image) for item in told.freeing.images), size=""
            ),
        }
    document = {"wanted": wanted, "by": key, "possible": told.most}
    return _answer("analyzer/_what_if_room.html", context, told.freeing, document, refused)


def delete_address(told: Freeing) -> str:
    """The question whether these images are to be deleted."""
    return f"{reverse('images-delete')}?{urlencode([('image', item.image.ref) for item in told.images])}"


def _answer(
    template: str, context: Mapping[str, Any], told: Freeing, more: Mapping[str, Any], refused: Sequence[str] = ()
) -> Answer:
    document = told.as_json()
    tables = {"images": (document["images"], IMAGE_COLUMNS), "layers": (document["layers"], LAYER_COLUMNS)}
    return Answer(template, context, {**more, **document}, tables, refused)


def _shown(told: Freeing) -> dict[str, Any]:
    return {
        "freeing": told,
        "images": told.images[:ROWS],
        "images_more": len(told.images) - ROWS,
        "layers": told.layers[:ROWS],
        "layers_more": len(told.layers) - ROWS,
    }


def _piece(item: GoneLayer, times: int = 1, pale: bool = False) -> Piece:
    layer = item.layer
    used = f", used by {item.images} of these" if item.images > 1 else ""
    text = f"{layer.diff_id[7:19]}: {exact(layer.size * times)}{used}"
    return Piece(layer.size * times, text, layer.diff_id, reverse("layer", args=[layer.diff_id]), pale)


def _bars(told: Freeing) -> list[Row]:
    """Unique sizes beside what goes here, and what goes on an engine's disk."""
    alone = [_piece(item) for item in told.layers if item.images == 1]
    inside = [_piece(item, pale=True) for item in told.layers if item.images > 1]
    rows = [Row("unique sizes added up", [*alone, *inside], "what each image alone would free")]
    rows.append(Row("freed here", [_piece(item) for item in told.layers], "layers, by diffID"))
    on_disk = [_piece(item, item.chains) for item in told.layers]
    rest = told.freed_chains - sum(piece.size for piece in on_disk)
    if rest > 0:
        on_disk.append(Piece(rest, f"layers that stay here, on parents that go: {exact(rest)}"))
    rows.append(Row("freed on an engine's disk", on_disk, "chains, by chainID"))
    return rows


def _steps(told: Freeing, key: str) -> list[Row]:
    """A bar for each image: what those before it freed, and the layers that it adds."""
    rows = []
    before = 0
    for item in told.images[:MOST_ROWS]:
        pieces = [Piece(before, f"freed with those before: {exact(before)}", pale=True)]
        for layer in item.going(key):
            text = f"{item.image.name}, {layer.diff_id[7:19]}: {exact(layer.size)}"
            pieces.append(Piece(layer.size, text, layer.diff_id, reverse("layer", args=[layer.diff_id])))
        before += sum(layer.size for layer in item.going(key))
        rows.append(Row(item.image.name, pieces, value=binary_text(before)))
    return rows
