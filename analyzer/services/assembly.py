"""The last step: config, history, references and aggregates, in one transaction that re-checks its layers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from analyzer.archive.source import ArchiveContents, ImageSource, LayerSource
from analyzer.models import Archive, Chain, Layer, Team
from analyzer.oci.findings import Finding, Severity
from analyzer.services import webhook_events
from analyzer.services.chains import ChainBuilder, LayerGone
from analyzer.services.findings import ArchiveFindings
from analyzer.services.images import forged_chain_id, is_forged, store_image
from analyzer.services.outcome import LayerOutcome, blob_findings

OutcomeOf = Callable[[LayerSource], LayerOutcome]


@dataclass(slots=True)
class Sender:
    """Whose archive it is."""

    team: Team
    user: User | None
    name: str


def assemble(
    sender: Sender,
    contents: ArchiveContents,
    outcome_of: OutcomeOf,
    chains: ChainBuilder,
    done: Callable[[Archive], None] = lambda _: None,
) -> Archive:
    """Stores the archive's images. Raises LayerGone when a layer is no longer there, and what `chains` raises.

    Chains are built before the transaction that shows the images: they belong to nobody and are idempotent, and
    many entries take long, in which others want to write. `done` is called in that transaction, at its end.
    """
    sources = _one_an_id(contents.images, outcome_of)
    outcomes = [[outcome_of(layer) for layer in image.layers] for image in sources]
    built = [_chains(layers, chains) for layers in outcomes]
    findings = ArchiveFindings(contents.findings)
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
        for position, source in enumerate(sources):
            layers = outcomes[position]
            for layer, document in _findings(source, layers, built[position]):
                findings.add(document, source.image_id, layer)
            store_image(archive, position, source, layers, built[position])
        archive.findings = findings.all()
        archive.save(update_fields=["findings"])
        webhook_events.images_analysed(archive)
        done(archive)
    return archive


def _one_an_id(images: Sequence[ImageSource], outcome_of: OutcomeOf) -> list[ImageSource]:
    """Further manifests of an image, such as one with its blobs compressed otherwise, only add their references."""
    kept: dict[tuple[str, str], ImageSource] = {}
    for source in images:
        outcomes = [outcome_of(layer) for layer in source.layers]
        key = source.image_id, forged_chain_id(source, outcomes)
        known = kept.get(key)
        if known is None:
            kept[key] = source
            continue
        names = list(dict.fromkeys([*known.references, *source.references]))
        whole = all(outcome_of(layer).ok for layer in known.layers) or not all(outcome.ok for outcome in outcomes)
        kept[key] = replace(known if whole else source, references=names)
    return list(kept.values())


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


def _findings(
    source: ImageSource, outcomes: Sequence[LayerOutcome], chains: Sequence[Chain]
) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    """What reading told of this archive's blobs, what each layer carries along, and what its chain shows.

    Each with its layer's index, or None where it is about the whole image.
    """
    stored = {
        layer.diff_id: layer.findings
        for layer in Layer.objects.filter(diff_id__in={outcome.diff_id for outcome in outcomes if outcome.ok})
    }
    for index, outcome in enumerate(outcomes):
        yield from ((index, finding.as_json()) for finding in blob_findings(source.layers[index], outcome))
        if outcome.ok and outcome.diff_id is not None:
            yield from ((index, document) for document in stored[outcome.diff_id])
        if index < len(chains):
            yield from ((index, document) for document in chains[index].findings)
    declared = source.document["rootfs"].get("diff_ids", [])
    if len(declared) == len(outcomes) and is_forged(source, outcomes):
        detail = "Its layers are not the ones that its config declares; it is kept apart from the image of that ID."
        yield None, Finding("config-mismatch", Severity.WARNING, detail).as_json()
