"""The blobs in which the viewer's teams know the layers of images: what a registry would serve."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from analyzer.models import ArchiveImage, ImageLayer, Layer
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.scope import Scope
from analyzer.sharing.transfer import CarriedLayer, Carrier, Host, PulledBlob, Transfer

BLOB_COLUMNS = ("digest", "size", "diff_id", "estimated", "there")

Known = dict[str, dict[str, Carrier]]
"""By diffID and blob digest."""


def carried(viewer: Viewer, everything: Scope, pks: Collection[int]) -> dict[int, list[CarriedLayer]]:
    """The layers of each image, bottom first, with their blobs. Four queries at most.

    First those of the image's own archives; where none of them was compressed, those that other archives of the
    viewer's teams brought for the same layer; in the end its plain tar.
    """
    rows = ArchiveImage.objects.filter(archive__team__in=teams_of(viewer)).order_by()
    own: dict[int, Known] = {pk: {} for pk in pks}
    for pk, documents in rows.filter(image__in=pks).values_list("image_id", "layers"):
        _note(own[pk], documents)
    stacks = _stacks(everything, pks)
    lacking = {diff_id for pk in pks for diff_id in stacks[pk] if not _compressed(own[pk].get(diff_id, {}))}
    elsewhere: Known = {}
    for known in own.values():
        for diff_id, carriers in known.items():
            elsewhere.setdefault(diff_id, {}).update(carriers)
    unknown = {diff_id for diff_id in lacking if not _compressed(elsewhere.get(diff_id, {}))}
    if unknown and len(own) < len(everything.images):
        others = ImageLayer.objects.filter(layer__diff_id__in=unknown).exclude(image__in=pks)
        for documents in rows.filter(image__in=others.order_by().values("image")).values_list("layers", flat=True):
            _note(elsewhere, documents)
    plain = dict(Layer.objects.filter(diff_id__in=lacking).values_list("diff_id", "tar_size")) if lacking else {}
    return {
        pk: [_layer(diff_id, own[pk].get(diff_id, {}), elsewhere.get(diff_id, {}), plain) for diff_id in stacks[pk]]
        for pk in pks
    }


def pulled(viewer: Viewer, everything: Scope, image: int, having: Collection[int]) -> Transfer:
    """What a host that has the images `having` would transfer for `image` (primary keys)."""
    layers = carried(viewer, everything, {image, *having})
    return Host(layers[pk] for pk in having).pull(layers[image])


def transfer_document(told: Transfer) -> dict[str, Any]:
    """As `report --pull --json` has it, and the API: `blobs` are those that are transferred."""
    return {
        "transfer": told.transfer,
        "already": told.already,
        "estimated": told.estimated,
        "unknown": told.unknown,
        "blobs": blob_rows(told.missing),
        "there": blob_rows(blob for blob in told.blobs if blob.there),
    }


def blob_rows(blobs: Iterable[PulledBlob]) -> list[dict[str, Any]]:
    return [{name: getattr(blob, name) for name in BLOB_COLUMNS} for blob in blobs]


def _stacks(everything: Scope, pks: Collection[int]) -> dict[int, list[str]]:
    """The diffIDs of each image, bottom first, those of layers that are missing too."""
    stacks: dict[int, list[str]] = {}
    for pk in pks:
        layers = everything.images[pk].layers
        stacks[pk] = [everything.layers[layer].diff_id for layer in layers if layer is not None]
    partial = [pk for pk in pks if None in everything.images[pk].layers]
    if partial:
        stacks |= {pk: [] for pk in partial}
        declared = ImageLayer.objects.filter(image__in=partial).order_by("index")
        for pk, diff_id, index in declared.values_list("image_id", "diff_id", "index"):
            stacks[pk].append(diff_id or f"layer {index} of {pk}")
    return stacks


def _note(known: Known, documents: Sequence[Mapping[str, Any]]) -> None:
    """What an archive says of the layers of one image."""
    for document in documents:
        diff_id, digest, size = (document.get(name) for name in ("diff_id", "blob_digest", "blob_size"))
        if diff_id and digest and size is not None and document.get("status") == "ok":
            compressed = document.get("compression") not in (None, "none")
            known.setdefault(diff_id, {})[digest] = Carrier(digest, size, compressed)


def _compressed(carriers: Mapping[str, Carrier]) -> bool:
    return any(carrier.compressed for carrier in carriers.values())


def _layer(
    diff_id: str, own: Mapping[str, Carrier], elsewhere: Mapping[str, Carrier], plain: Mapping[str, int]
) -> CarriedLayer:
    known = own if _compressed(own) else {**elsewhere, **own}
    if not known and diff_id in plain:
        known = {diff_id: Carrier(diff_id, plain[diff_id], compressed=False)}
    return CarriedLayer(diff_id, tuple(known.values()))
