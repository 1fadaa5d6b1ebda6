"""What a host that has some images would transfer for another one, or for each image of the scope."""

from typing import Any

from django.urls import reverse

from analyzer.charts.stacks import MOST_ROWS, Piece, Row, stacks, stacks_height
from analyzer.selectors.carried import BLOB_COLUMNS, blob_rows, carried, pulled, transfer_document
from analyzer.selectors.lookup import NoSuchImage
from analyzer.selectors.scope import ScopeImage
from analyzer.sharing.transfer import Host, PulledBlob, Transfer
from analyzer.units import exact
from analyzer.web import what_if_words as words
from analyzer.web.what_if_answer import Answer, Asked

IMAGE_COLUMNS = ("image_id", "references", "size", "transfer", "already", "estimated", "unknown")
ROWS = 50  # images that a page lists; the twins have all


def pulling(asked: Asked) -> Answer:
    """What the host that has the question's images would transfer; for all images of the scope where none is named."""
    if not asked.question.pull:
        return _each(asked) if asked.images else _nothing()
    try:
        image = asked.names.image(asked.question.pull)
    except NoSuchImage as error:
        return _nothing(str(error))
    having = [item.pk for item in asked.images]
    told = pulled(asked.viewer, asked.frame.everything, image.pk, having)
    rows = _bars(told)
    title = words.pull_title(image.name, told, len(having))
    context = {
        "transfer": told,
        "pulled": image,
        "title": title,
        "figure": stacks(rows) if told.blobs else None,
        "height": stacks_height(rows),
        "blobs": told.blobs[::-1],
    }
    document = transfer_document(told)
    return Answer("analyzer/_what_if_pull.html", context, document, {"blobs": (blob_rows(told.blobs), BLOB_COLUMNS)})


def _bars(told: Transfer) -> list[Row]:
    """What is there already, and what comes."""
    there = [_piece(blob) for blob in told.blobs if blob.there]
    comes = [_piece(blob) for blob in told.missing]
    return [Row("to transfer", comes, "blobs that the host lacks"), Row("already there", there, "blobs that it skips")]


def _piece(blob: PulledBlob) -> Piece:
    text = f"{blob.diff_id[7:19]}: {exact(blob.size or 0)}{', at most' if blob.estimated else ''}"
    return Piece(blob.size or 0, text, blob.diff_id, reverse("layer", args=[blob.diff_id]))


def _nothing(*refused: str) -> Answer:
    """Neither an image nor a host is named, or what is named is none."""
    return Answer("analyzer/_what_if_pull.html", {"transfer": None, "asked": False}, {}, {"images": ([], ())}, refused)


def _each(asked: Asked) -> Answer:
    """The marginal cost of every image of the scope for this host, the lightest first."""
    scope, having = asked.frame.scope, [item.pk for item in asked.images]
    layers = carried(asked.viewer, asked.frame.everything, {*scope.images, *having})
    host = Host(layers[pk] for pk in having)
    costs = [(image, host.pull(layers[pk])) for pk, image in scope.images.items() if pk not in having]
    costs.sort(key=lambda pair: (pair[1].unknown > 0, pair[1].transfer, pair[0].name))
    drawn = [_cost(image, told) for image, told in costs[: MOST_ROWS // 2]]
    context: dict[str, Any] = {
        "transfer": None,
        "asked": True,
        "costs": [(image, told, asked.address(pull=asked.names.name(image))) for image, told in costs[:ROWS]],
        "costs_more": len(costs) - ROWS,
        "title": words.pulls_title(costs[0][0].name, costs[0][1].transfer, len(having)) if costs else "",
        "figure": stacks(drawn) if drawn else None,
        "height": stacks_height(drawn),
    }
    rows = [
        {
            "image_id": image.image_id,
            "references": list(image.references),
            "size": image.size,
            "transfer": told.transfer,
            "already": told.already,
            "estimated": told.estimated,
            "unknown": told.unknown,
        }
        for image, told in costs
    ]
    tables = {"images": (rows, IMAGE_COLUMNS)}
    return Answer("analyzer/_what_if_pull.html", context, {"images": rows}, tables)


def _cost(image: ScopeImage, told: Transfer) -> Row:
    """What comes, and pale behind it what is there."""
    there = [Piece(told.already, f"already there: {exact(told.already)}", pale=True)]
    return Row(image.name, [*(_piece(blob) for blob in told.missing), *there])
