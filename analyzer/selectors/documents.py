"""The documents that other programs read of an archive and of an image."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from analyzer.filetree.dive import efficiency, user_wasted_percent
from analyzer.filetree.waste import efficiency as shown_share
from analyzer.models import CAUSES, Archive, ArchiveImage, Chain, Image, ImageLayer, Team

Document = dict[str, Any]


def archive_document(archive: Archive) -> Document:
    """What one archive held. Figures are those of its own blobs, also where every layer was known before."""
    rows = archive.archive_images.select_related("image").order_by("position")
    return {
        "archive": {"name": archive.name, "format": archive.format, "size": archive.size},
        "images": [image_document(row, Team.objects.filter(pk=archive.team_id)) for row in rows],
        "attestations": archive.attestations,
        "findings": archive.findings,
    }


def image_document(row: ArchiveImage, teams: QuerySet[Team]) -> Document:
    """An image as one archive brought it. Its base, and so its own waste, is sought among the images of `teams`."""
    image = row.image
    layers = list(image.image_layers.select_related("layer", "chain").order_by("index"))
    documents = _layers(row.layers, layers)
    whole = all(document["status"] == "ok" for document in documents)
    return {
        "image_id": image.image_id,
        "references": row.references,
        "created": image.created_text,
        "platform": {"os": image.os, "architecture": image.architecture, "variant": image.variant},
        "size": image.size if whole else None,
        "layers": documents,
        "history": _history(image, documents),
        **_figures(image, layers, teams, whole=whole),
    }


def _layers(carried: Sequence[Mapping[str, Any]], stored: Sequence[ImageLayer]) -> list[Document]:
    documents: list[Document] = []
    readable = True
    for index, (blob, row) in enumerate(zip(carried, stored, strict=True)):
        ok = blob["status"] == "ok"
        readable = readable and ok
        layer = row.layer if ok else None
        chain = row.chain if readable else None
        documents.append(
            {
                "index": index,
                "diff_id": blob["diff_id"],
                "chain_id": chain.chain_id if chain else None,
                "blob_digest": blob["blob_digest"],
                "media_type": blob["media_type"],
                "compression": blob["compression"] if ok else None,
                "blob_size": blob["blob_size"] if ok else None,
                "tar_size": layer.tar_size if layer else None,
                "size": layer.size if layer else None,
                "entries": layer.entries if layer else None,
                "added": chain.added if chain else None,
                "modified": chain.modified if chain else None,
                "removed": chain.removed if chain else None,
                "status": blob["status"],
            }
        )
    return documents


def _history(image: Image, layers: Sequence[Document]) -> list[Document]:
    """Steps bottom first. Unaligned steps have no layer, and a size only where they say they made none."""
    steps = []
    for index, step in enumerate(image.history):
        size: int | None = 0 if step["empty_layer"] else None
        if step["layer"] is not None:
            size = layers[step["layer"]]["size"]
        fields = {name: step[name] for name in ("created", "created_by", "comment", "empty_layer")}
        steps.append({"index": index, **fields, "size": size, "layer": step["layer"]})
    return steps


def _figures(image: Image, layers: Sequence[ImageLayer], teams: QuerySet[Team], *, whole: bool) -> Document:
    if not whole:
        return {"merged": None, "waste": None, "dive": None}
    chain, bottom = (layers[-1].chain, layers[0].layer) if layers else (None, None)
    if chain is None or bottom is None:  # an image without layers
        none = dict.fromkeys(CAUSES, 0)
        return {
            "merged": {"entries": 0, "size": 0},
            "waste": {"bytes": 0, "efficiency": 1.0, "own_bytes": 0, "inherited_bytes": 0, "by_cause": none},
            "dive": {"wasted_bytes": 0, "efficiency": 1.0, "user_wasted_percent": 0.0},
        }
    base = base_chain(image, teams)
    inherited = base.waste if base else 0
    return {
        "merged": {"entries": chain.merged_entries, "size": chain.size - chain.waste},
        "waste": {
            "bytes": chain.waste,
            "efficiency": shown_share(chain.waste, chain.size),
            "own_bytes": chain.waste - inherited,
            "inherited_bytes": inherited,
            "by_cause": chain.waste_by_cause,
        },
        "dive": {
            "wasted_bytes": chain.dive_wasted,
            "efficiency": efficiency(chain.dive_minimal, chain.dive_cumulative),
            "user_wasted_percent": user_wasted_percent(chain.dive_wasted, chain.size, bottom.size),
        },
    }


def base_chain(image: Image, teams: QuerySet[Team]) -> Chain | None:
    """The longest proper prefix of the image's chain at which another image of these teams ends."""
    chains = Chain.objects.filter(
        image_layers__image=image, images__holdings__team__in=teams, images__incomplete_in__isnull=True
    )
    return chains.exclude(images=image).order_by("-depth").first()
