"""One image of an archive becomes rows: itself, its layers, who holds it, and what the archive said of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from analyzer.archive.source import ImageSource, LayerSource
from analyzer.models import Archive, ArchiveImage, Chain, Holding, Image, ImageLayer, Layer
from analyzer.oci import history
from analyzer.oci.annotations import claimed_base
from analyzer.oci.digest import chain_ids, digest_of
from analyzer.services import completion, references
from analyzer.services.outcome import LayerOutcome

NO_CHAIN = digest_of(b"")
"""Stands for the top chainID of an image without layers whose config declares some."""

PLATFORM = ("os", "architecture", "variant")
PLATFORM_TEXT = 100  # characters that the columns hold; no honest name is so long


def store_image(
    archive: Archive,
    position: int,
    source: ImageSource,
    outcomes: Sequence[LayerOutcome],
    chains: Sequence[Chain],
) -> None:
    team = archive.team
    whole = all(outcome.ok for outcome in outcomes)
    computed = [outcome.diff_id or "" for outcome in outcomes]
    identity = {"image_id": source.image_id, "forged_chain_id": forged_chain_id(source, outcomes)}
    held = Image.objects.filter(**identity, holdings__team=team, incomplete_in__isnull=True).first()
    if held is not None:
        image = held
    else:
        image, created = Image.objects.get_or_create(
            **identity, incomplete_in=None if whole else team, defaults=_image_fields(source)
        )
        if created:
            layer_of = {layer.diff_id: layer for layer in Layer.objects.filter(diff_id__in=set(computed))}
            ImageLayer.objects.bulk_create(
                ImageLayer(
                    image=image,
                    index=index,
                    diff_id=outcome.diff_id or "",
                    layer=layer_of[outcome.diff_id] if outcome.ok and outcome.diff_id else None,
                    chain=chains[index] if index < len(chains) else None,
                )
                for index, outcome in enumerate(outcomes)
            )
            if whole:
                completion.set_totals(image, chains[-1] if chains else None)
        Holding.objects.get_or_create(team=team, image=image)
    claimed = claimed_base(source.annotations, source.document.get("config", {}).get("Labels") or {})
    ArchiveImage.objects.create(
        archive=archive,
        image=image,
        position=position,
        references=source.references,
        layers=[_blob_document(layer, outcome) for layer, outcome in zip(source.layers, outcomes, strict=True)],
        manifest_digest=source.manifest_digest or "",
        base_name=claimed.name,
        base_digest=claimed.digest,
    )
    image = completion.complete(image, team, [outcome.diff_id for outcome in outcomes if outcome.ok])
    references.point(team, source.references, image)
    completion.complete_others(team, {outcome.diff_id for outcome in outcomes if outcome.ok and outcome.diff_id})


def forged_chain_id(source: ImageSource, outcomes: Sequence[LayerOutcome]) -> str:
    """The top chainID of an image that is kept apart from the honest one of its ID; empty for the honest one.

    NO_CHAIN where there are no layers at all.
    """
    if not is_forged(source, outcomes):
        return ""
    return chain_ids([outcome.diff_id or "" for outcome in outcomes])[-1] if outcomes else NO_CHAIN


def is_forged(source: ImageSource, outcomes: Sequence[LayerOutcome]) -> bool:
    """Whether the layers are others than the config declares; a config that declares none has none.

    Such an image is kept apart: who knows a config alone must not come by layers that others brought under it.
    """
    declared = source.document.get("rootfs", {}).get("diff_ids") or []
    return len(declared) != len(outcomes) or any(
        outcome.ok and outcome.diff_id != diff_id for outcome, diff_id in zip(outcomes, declared, strict=True)
    )


def _image_fields(source: ImageSource) -> dict[str, Any]:
    aligned = history.align(source.history, len(source.layers))
    steps: Sequence[tuple[Any, int | None]] = aligned or [(step, None) for step in source.history]
    return {
        "config": source.config,
        "history": [
            {
                "created": step.created,
                "created_by": step.created_by,
                "comment": step.comment,
                "empty_layer": step.empty_layer,
                "layer": layer,
            }
            for step, layer in steps
        ],
        "history_aligned": aligned is not None,
        **{name: (getattr(source.platform, name) or "")[:PLATFORM_TEXT] or None for name in PLATFORM},
        "created_at": _moment(source.created),
        "created_text": source.created,
    }


def _moment(text: str | None) -> datetime | None:
    """A point in time for sorting; Go's zero time and what no calendar has is None."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year > 1 and moment.tzinfo is not None else None


def _blob_document(layer: LayerSource, outcome: LayerOutcome) -> Mapping[str, Any]:
    return {
        "diff_id": outcome.diff_id,
        "blob_digest": outcome.blob_digest or layer.digest,
        "blob_size": outcome.blob_size,
        "media_type": layer.media_type,
        "compression": outcome.compression,
        "status": outcome.status,
    }
