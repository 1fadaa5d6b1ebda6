"""The step of a layer's index that finds its near misses among the layers that were indexed before.

Whichever of two layers comes later finds the pair: a layer's sketch is committed before others are looked for, so of
two that are indexed at the same time at least one sees the other. What goes with a layer goes with its row.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

from django.db import connection, transaction

from analyzer.filetree.listing import Listing
from analyzer.models import Layer, LayerListing, LayerSketch, NearMiss, SketchContent
from analyzer.oci.findings import escape
from analyzer.sharing.nearmiss import LEAST_COMMON, Sketch, may_be_near, sketch
from analyzer.sharing.overlap import Differing, Files, Overlap, near_overlap
from analyzer.sharing.reasons import difference

MOST_NAMED = 10
"""Files that differ and are named, those that are set aside first."""

BATCH = 500
KEYS_A_STATEMENT = 10_000
COLUMNS = ("path", "size", "sha256")

_INSERT_KEYS = {
    "sqlite": "INSERT INTO analyzer_sketchcontent (layer_id, key) SELECT %s, value FROM json_each(%s)",
    "postgresql": "INSERT INTO analyzer_sketchcontent (layer_id, key)"
    " SELECT %s, value::bigint FROM json_array_elements_text(%s::json)",
}
"""A layer of a million tiny files has a hundred thousand keys: as rows of the ORM they take ten times as long."""


def near_misses(layer: Layer, listing: Listing) -> Callable[[], None]:
    """Writes the layer's sketch, compares it with the layers that it may be near to; the pairs are for later."""
    files = Files.of(listing)
    mine = sketch(files.contents)
    _store_sketch(layer, mine)
    found = list(_found(layer, listing, files, mine))
    return partial(_write, layer, found)


def _store_sketch(layer: Layer, mine: Sketch) -> None:
    with transaction.atomic():
        Layer.objects.select_for_update(no_key=True).filter(pk=layer.pk).first()
        SketchContent.objects.filter(layer=layer).delete()
        LayerSketch.objects.update_or_create(
            layer=layer,
            defaults={
                "total": mine.total,
                "looked_up": mine.looked_up,
                "complete": mine.complete,
                "document": mine.to_bytes(),
            },
        )
        _store_keys(layer, mine.lookups)


def _store_keys(layer: Layer, keys: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        for some in _batched(keys, KEYS_A_STATEMENT):
            cursor.execute(_INSERT_KEYS[connection.vendor], [layer.pk, json.dumps(some)])


def _found(layer: Layer, listing: Listing, files: Files, mine: Sketch) -> Iterator[NearMiss]:
    for other in _candidates(layer, mine):
        document = LayerListing.objects.filter(layer=other).values_list("document", flat=True).first()
        if document is None:
            continue
        met = near_overlap(files, Files.of(Listing.from_parquet(bytes(document), COLUMNS)))
        if met and met.common >= LEAST_COMMON:
            yield _row(layer.pk, listing, other, Listing.from_parquet(bytes(document)), met)


def _candidates(layer: Layer, mine: Sketch) -> list[int]:
    """The layers that have one of the contents in their beginning too, without those that can't be near after all."""
    met: set[int] = set()
    for some in _batched(mine.lookups):
        holders = SketchContent.objects.filter(key__in=some).exclude(layer=layer)
        met.update(holders.values_list("layer_id", flat=True).distinct())
    near = []
    for pks in _batched(sorted(met)):
        rows = LayerSketch.objects.filter(layer__in=pks)
        for pk, total, looked_up, complete, document in rows.values_list(
            "layer_id", "total", "looked_up", "complete", "document"
        ):
            if may_be_near(mine, Sketch.from_bytes(bytes(document), total, looked_up, complete)):
                near.append(pk)
    return sorted(near)


def _row(pk: int, listing: Listing, other: int, facing: Listing, met: Overlap) -> NearMiss:
    turned = other < pk
    first, second = (facing, listing) if turned else (listing, facing)
    return NearMiss(
        first_id=min(pk, other),
        second_id=max(pk, other),
        common=met.common,
        larger=met.larger,
        rest=met.rest,
        aside=len(met.aside),
        differs=difference(first, second).as_json(),
        files=[_file(item, item in met.aside, turned) for item in _named(met)],
    )


def _named(met: Overlap) -> list[Differing]:
    rest = [item for item in met.differing if item not in met.aside]
    return [*met.aside, *rest[: MOST_NAMED - len(met.aside)]]


def _file(item: Differing, aside: bool, turned: bool) -> Mapping[str, Any]:
    first, second = (item.second, item.first) if turned else (item.first, item.second)
    return {"path": escape(item.path), "first": first, "second": second, "aside": aside}


def _write(layer: Layer, found: list[NearMiss]) -> None:
    NearMiss.objects.filter(first=layer).delete()
    NearMiss.objects.filter(second=layer).delete()
    others = {pair.first_id if pair.second_id == layer.pk else pair.second_id: pair for pair in found}
    there = Layer.objects.filter(pk__in=others).values_list("pk", flat=True) if others else []
    NearMiss.objects.bulk_create(
        (others[pk] for pk in sorted(there)),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["common", "larger", "rest", "aside", "differs", "files"],
    )


def _batched(values: Iterable[int], size: int = BATCH) -> Iterator[list[int]]:
    remaining = iter(values)
    while batch := list(islice(remaining, size)):
        yield batch
