"""A stored image as a document: what its archives told, completed by what the store knows."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.models import Archive, ArchiveImage, Image, ImageLayer
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.documents import Document, image_document
from analyzer.selectors.image_archives import MOST
from analyzer.selectors.image_secrets import documents_beside, search_document, secrets_of, with_states
from analyzer.selectors.names import references_of


def stored_document(viewer: Viewer, image: Image) -> Document:
    """One element of `images` of `analyze --json`, with `archives`, `attestations`, `findings` and `secret_search`.

    Of the viewer's teams' archives that brought the image, newest first, at most MOST. A layer that some of them
    lacked, but that is stored, is ok here.
    """
    rows = list(
        ArchiveImage.objects.filter(image=image, archive__team__in=teams_of(viewer))
        .select_related("archive")
        .order_by("-archive__created", "-pk")[:MOST]
    )
    archives = [row.archive for row in rows]
    known = references_of(viewer, [image.pk]).get(image.pk, [])
    stored = image.image_layers.select_related("layer").prefetch_related("layer__blobs").order_by("index")
    shown = ArchiveImage(
        image=image,
        references=[f"{reference.repository}:{reference.tag}" for reference in known],
        layers=[_layer(layer, [row.layers for row in rows]) for layer in stored],
    )
    secrets = with_states(image, secrets_of(image))
    return {
        **image_document(shown, teams_of(viewer)),
        "archives": [{"name": archive.name, "format": archive.format, "size": archive.size} for archive in archives],
        "attestations": _once(attestation for archive in archives for attestation in archive.attestations),
        "findings": documents_beside(
            image, secrets, _once(finding for archive in archives for finding in _about(image, archive))
        ),
        "secret_search": search_document(secrets),
    }


def _layer(stored: ImageLayer, told: Sequence[Sequence[Mapping[str, Any]]]) -> Mapping[str, Any]:
    """What the newest archive says that has the layer whole; else what the store knows; else what the newest says."""
    carried = [layers[stored.index] for layers in told if stored.index < len(layers)]
    for layer in carried:
        if layer["status"] == "ok":
            return layer
    if stored.layer is not None:
        blob = next((blob for blob in stored.layer.blobs.all() if not blob.made), None)
        return {
            "diff_id": stored.layer.diff_id,
            "blob_digest": blob.digest if blob else None,
            "media_type": None,
            "compression": blob.compression if blob else None,
            "blob_size": blob.size if blob else None,
            "status": "ok",
        }
    if carried:
        return carried[0]
    return {"diff_id": stored.diff_id or None, "blob_digest": None, "media_type": None, "status": "missing"}


def _about(image: Image, archive: Archive) -> list[Document]:
    """The archive's findings about this image, and those about the archive as a whole."""
    return [finding for finding in archive.findings if finding.get("image_id") in (image.image_id, None)]


def _once(documents: Any) -> list[Document]:
    return list({json.dumps(document, sort_keys=True): document for document in documents}.values())
