"""The last step: config, history, references and aggregates, in one transaction that re-checks its layers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from analyzer.archive.source import ArchiveContents, ImageSource, LayerSource
from analyzer.models import Archive, ArchiveImage, Chain, Holding, Image, ImageLayer, Layer, Team
from analyzer.oci import history
from analyzer.oci.digest import chain_ids
from analyzer.oci.findings import Finding, Severity
from analyzer.services import completion, references
from analyzer.services.chains import ChainBuilder, LayerGone
from analyzer.services.outcome import LayerOutcome, blob_findings

OutcomeOf = Callable[[LayerSource], LayerOutcome]


@dataclass(slots=True)
class Sender:
    """Whose archive it is."""

    team: Team
    user: User | None
    name: str


def assemble(sender: Sender, contents: ArchiveContents, outcome_of: OutcomeOf, chains: ChainBuilder) -> Archive:
    """Stores the archive's images. Raises LayerGone when a layer is no longer there.

    Chains are built before the transaction that shows the images: they belong to nobody and are idempotent.
    """
    outcomes = [[outcome_of(layer) for layer in image.layers] for image in contents.images]
    built = [_chains(layers, chains) for layers in outcomes]
    findings = [*contents.findings]
    with transaction.atomic():
        _hold_layers(outcomes)
        archive = Archive.objects.create(
            team=sender.team,
            user=sender.user,
            name=sender.name,
            format=contents.format.value,
            size=contents.size,
            whole=all(outcome.ok for layers in outcomes for outcome in layers),
            attestations=[{"digest": item.digest, "subject": item.subject} for item in contents.attestations],
        )
        for position, source in enumerate(contents.images):
            layers = outcomes[position]
            findings += _layer_findings(source, layers, built[position])
            findings += _history_findings(source)
            _store_image(archive, position, source, layers, built[position])
        archive.findings = [finding.as_json() for finding in findings]
        archive.save(update_fields=["findings"])
    return archive


def _chains(outcomes: Sequence[LayerOutcome], chains: ChainBuilder) -> list[Chain]:
    """The chains from the bottom up to the first layer that is not ok."""
    readable: list[str] = []
    for outcome in outcomes:
        if not outcome.ok or outcome.diff_id is None:
            break
        readable.append(outcome.diff_id)
    return chains.build(readable)


def _hold_layers(outcomes: Sequence[Sequence[LayerOutcome]]) -> None:
    """Locks the rows of all layers that were read, so that no removal takes one before the image holds it."""
    wanted = sorted({outcome.diff_id for layers in outcomes for outcome in layers if outcome.ok and outcome.diff_id})
    there: set[str] = set()
    for start in range(0, len(wanted), 500):
        rows = Layer.objects.filter(diff_id__in=wanted[start : start + 500]).order_by("diff_id")
        there.update(rows.select_for_update(no_key=True).values_list("diff_id", flat=True))
    gone = [diff_id for diff_id in wanted if diff_id not in there]
    if gone:
        raise LayerGone(gone)


def _store_image(
    archive: Archive,
    position: int,
    source: ImageSource,
    outcomes: Sequence[LayerOutcome],
    chains: Sequence[Chain],
) -> None:
    team = archive.team
    forged = _is_forged(source, outcomes)
    whole = all(outcome.ok for outcome in outcomes)
    computed = [outcome.diff_id or "" for outcome in outcomes]
    forged_chain = chain_ids(computed)[-1] if forged and computed else ""
    identity = {"image_id": source.image_id, "forged_chain_id": forged_chain}
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
    ArchiveImage.objects.create(
        archive=archive,
        image=image,
        position=position,
        references=source.references,
        layers=[_blob_document(layer, outcome) for layer, outcome in zip(source.layers, outcomes, strict=True)],
    )
    image = completion.complete(image, team, [outcome.diff_id for outcome in outcomes if outcome.ok])
    for name in source.references:
        references.point(team, name, image)
    completion.complete_others(team, {outcome.diff_id for outcome in outcomes if outcome.ok and outcome.diff_id})


def _is_forged(source: ImageSource, outcomes: Sequence[LayerOutcome]) -> bool:
    """Whether the layers are others than the config declares (domain.md: such an image is kept apart)."""
    declared = source.document.get("rootfs", {}).get("diff_ids")
    if declared is None:
        return False
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
        "os": source.platform.os,
        "architecture": source.platform.architecture,
        "variant": source.platform.variant,
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


def _layer_findings(source: ImageSource, outcomes: Sequence[LayerOutcome], chains: Sequence[Chain]) -> list[Finding]:
    """What reading told of this archive's blobs, what each layer carries along, and what its chain shows."""
    found: list[Finding] = []
    stored = {
        layer.diff_id: layer.findings
        for layer in Layer.objects.filter(diff_id__in={outcome.diff_id for outcome in outcomes if outcome.ok})
    }
    for index, outcome in enumerate(outcomes):
        own = blob_findings(source.layers[index], outcome)
        if outcome.ok and outcome.diff_id is not None:
            own += [Finding.from_json(item) for item in stored[outcome.diff_id]]
        if index < len(chains):
            own += [Finding.from_json(item) for item in chains[index].findings]
        found += [finding.at(image_id=source.image_id, layer=index) for finding in own]
    if _is_forged(source, outcomes):
        detail = "Its layers are not the ones that its config declares; it is kept apart from the image of that ID."
        found.append(Finding("config-mismatch", Severity.WARNING, detail, image_id=source.image_id))
    return found


def _history_findings(source: ImageSource) -> list[Finding]:
    if history.align(source.history, len(source.layers)) is not None:
        return []
    steps = sum(not step.empty_layer for step in source.history)
    detail = f"History tells of {steps} layers, the image has {len(source.layers)}; both are shown as they stand."
    return [Finding("history-unaligned", Severity.WARNING, detail, image_id=source.image_id)]
